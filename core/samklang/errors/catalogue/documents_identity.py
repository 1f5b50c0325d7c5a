"""Error codes: keys, signatures, credentials and certificates."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

IDENTITY: dict[str, Entry] = {
    "identity-key-exists": Entry(
        "There is a key file {name} already; keys are never overwritten.",
        "Choose another name, or move the old key away if you are sure that nobody needs it.",
        public=False,
    ),
    "identity-key-unreadable": Entry(
        "The key file {name} can't be read.",
        "Check the path in the configuration and the owner.",
        public=False,
    ),
    "identity-key-open": Entry(
        "The key file {name} may be read by its group or by others.",
        "Run chmod 600 on it; if others had access to this machine, make a new key.",
        public=False,
    ),
    "identity-key-kind": Entry(
        "The key file {name} holds no unencrypted Ed25519 private key in PEM form.",
        "Name the right file, or make a new key.",
        public=False,
    ),
    "identity-public-key": Entry(
        "This is no Ed25519 public key.", "Write 'ed25519:' and the base64 of its 32 bytes."
    ),
    "identity-signature": Entry(
        "A signature is wrong: the content was changed, or another key signed it.",
        "Fetch the document again from its author; if it stays wrong, don't use it.",
    ),
    "identity-signature-missing": Entry(
        "A signature that is needed is missing.",
        "Have everybody sign whose key is named under 'trust' in the configuration or in the manifest.",
    ),
    "identity-envelope": Entry(
        "This is no signed envelope (DSSE).", "Send the file as it was written when it was signed."
    ),
    "identity-envelope-type": Entry(
        "The envelope holds another kind of document than {expected}.", "Name the right file."
    ),
    "identity-certificate": Entry(
        "The certificate doesn't say who it speaks for in this federation.",
        "Use a certificate that the federation's authority has issued for this party.",
    ),
    "identity-credential-issuer": Entry(
        "The analyst's credential isn't signed by a node of this federation.",
        "Ask the operator of your organisation's node for a credential.",
    ),
    "identity-credential-organisation": Entry(
        "The credential names another organisation or federation than the node that signed it.",
        "Ask the operator of your organisation's node for a new credential.",
    ),
    "identity-credential-expired": Entry(
        "The analyst's credential isn't valid on this day.",
        "Ask the operator of your organisation's node for a new credential.",
    ),
    "identity-query-analyst": Entry(
        "The query names another analyst or organisation than the credential.",
        "Sign with the key and credential of the analyst whom the query names.",
    ),
    "identity-query-expired": Entry(
        "The query's not_after has passed.", "Sign the query again with a later not_after."
    ),
    "identity-query-federation": Entry(
        "The query is for another federation.", "Use the manifest of the federation you ask."
    ),
    "identity-query-codebook": Entry(
        "The query was written for another codebook than the federation's.",
        "Fetch the current codebook, check what changed in your variables, and sign again.",
    ),
    "identity-manifest-expired": Entry(
        "The federation manifest isn't valid on this day.", "Install the current, signed manifest."
    ),
    "identity-manifest-codebook": Entry(
        "The codebook isn't the one that the manifest names.",
        "Install the codebook and the manifest that were signed together.",
    ),
}
