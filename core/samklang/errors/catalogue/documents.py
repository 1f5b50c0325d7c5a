"""Error codes: documents, the SQL in them, signatures, keys and certificates."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_SQL: dict[str, Entry] = {
    "document-sql-long": Entry(
        "The statement is longer than {limit} characters.", "Split the variable or simplify it."
    ),
    "document-sql-syntax": Entry(
        "This isn't SQL in the DuckDB dialect; reading stopped at {place}.",
        "Write one SELECT statement and try it in DuckDB first.",
    ),
    "document-sql-statement": Entry(
        "A variable is exactly one SELECT statement.",
        "Write one SELECT (WITH may come first); no second statement, no UNION at the top, no other command.",
    ),
    "document-sql-deep": Entry(
        "The statement is nested too deeply (more than {limit} levels).",
        "Use WITH to name the parts.",
    ),
    "document-sql-refused": Entry(
        "A codebook may not use this: {what}.",
        "docs/documents.md lists what may be used; dates come from $as_of, $from and $until.",
    ),
    "document-sql-name": Entry(
        "A name in the statement isn't a plain name.",
        "Names are letters, digits, '_' and '-', and begin with a letter or '_'.",
    ),
    "document-sql-placeholder": Entry(
        "The only placeholders are $as_of, $from and $until.", "Write one of these three."
    ),
    "document-sql-type": Entry("The statement casts to a type that isn't allowed.", "Use one of {types}."),
    "document-sql-table": Entry(
        "The statement reads {name!r}, which is no logical table of this sector.{hint}",
        "Read only the sector's logical tables and the names given in WITH before they are used.",
    ),
    "document-sql-shadow": Entry(
        "WITH gives the name {name!r} twice or to a logical table.", "Choose another name."
    ),
    "document-sql-no-table": Entry(
        "The statement reads no logical table.", "Select from at least one logical table of the sector."
    ),
    "document-sql-column": Entry(
        "The statement uses a column {name!r} that none of its tables has.{hint}",
        "Use the columns that the codebook gives the logical table.",
    ),
    "document-sql-result": Entry(
        "The statement doesn't return exactly the columns {columns}.",
        "Name the result columns, e.g. SELECT cpr, count(*) AS value; no star.",
    ),
}

_READING: dict[str, Entry] = {
    "document-invalid": Entry("{document} has {count} problem(s).", "Correct each of them."),
    "document-unreadable": Entry(
        "The file can't be read ({reason}).", "Check the path and who may read it.", public=False
    ),
    "document-size": Entry(
        "The document is larger than {limit} bytes.", "Split it, or remove what isn't needed."
    ),
    "document-encoding": Entry("The file isn't UTF-8.", "Save it as UTF-8."),
    "document-yaml": Entry(
        "This isn't YAML.", "Check indentation, quotes and colons here and in the line before."
    ),
    "document-empty": Entry("The document is empty.", "docs/documents.md has every document's keys."),
    "document-depth": Entry("The document is nested deeper than {limit} levels.", "Write it flatter."),
    "document-directive": Entry(
        "A file holds one document and no YAML directives.", "Remove '%...' lines and further documents."
    ),
    "document-alias": Entry(
        "Anchors (&), aliases (*) and merge keys aren't allowed.", "Write the text out in both places."
    ),
    "document-tag": Entry("YAML tags (!...) aren't allowed.", "Remove the tag; put texts in quotes."),
    "document-key": Entry("A key must be a plain text.", "Put the key in quotes, or write another name."),
    "document-duplicate-key": Entry("The key {key!r} stands twice.", "Keep one of the two."),
    "document-number": Entry(
        "This number is read differently by different programs.",
        'Write a text in quotes ("007"), a number without leading zeros, or a decimal like 0.5.',
    ),
    "document-unknown-key": Entry(
        "There is no key {key!r} in {place}.{hint}", "Remove it or correct its name."
    ),
    "document-missing-key": Entry("The key {key!r} is missing in {place}.", "Add it."),
    "document-value": Entry("The value at {place} doesn't fit.", "Write {expected}."),
    "document-not-canonical": Entry(
        "The bytes aren't a document in canonical form (RFC 8785).",
        "Sign and send what this software wrote, byte for byte.",
    ),
}

_IDENTITY: dict[str, Entry] = {
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

CODES: dict[str, Entry] = {**_SQL, **_READING, **_IDENTITY}
