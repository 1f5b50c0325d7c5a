"""Error codes: keys, signatures, credentials and certificates."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

IDENTITY: dict[str, Entry] = {
    "identity-signers": Entry(
        "Nobody is named who signs the policy as: {missing}.",
        "Name under `trust: policy` both a controller, who approves it, and a DPO, who attests it.",
        what_da="Der er ikke angivet nogen, som underskriver politikken som: {missing}.",
        fix_da="Angiv under `trust: policy` både en dataansvarlig, der godkender den, og en "
        "databeskyttelsesrådgiver, der attesterer den.",
    ),
    "identity-key-exists": Entry(
        "There is a key file {name} already; keys are never overwritten.",
        "Choose another name, or move the old key away if you are sure that nobody needs it.",
        public=False,
        what_da="Der findes allerede en nøglefil {name}; nøgler overskrives aldrig.",
        fix_da="Vælg et andet navn, eller flyt den gamle nøgle, hvis du er sikker på, at ingen har brug for "
        "den.",
    ),
    "identity-not-pinned": Entry(
        "The key {file} isn't the one that the manifest has for {name}.",
        "Use the key whose public half the operator was given; a new key needs a new signed manifest.",
        public=False,
        what_da="Nøglen {file} er ikke den, som manifestet har for {name}.",
        fix_da="Brug den nøgle, hvis offentlige nøgle driften har fået; en ny nøgle kræver et nyt "
        "underskrevet manifest.",
    ),
    "identity-key-unreadable": Entry(
        "The key file {name} can't be read.",
        "Check the path in the configuration and the owner.",
        public=False,
        what_da="Nøglefilen {name} kan ikke læses.",
        fix_da="Kontrollér stien i opsætningen og filens ejer.",
    ),
    "identity-key-open": Entry(
        "The key file {name} may be read by its group or by others.",
        "Run chmod 600 on it; if others had access to this machine, make a new key.",
        public=False,
        what_da="Nøglefilen {name} kan læses af dens gruppe eller af andre.",
        fix_da="Kør chmod 600 på den; har andre haft adgang til maskinen, så lav en ny nøgle.",
    ),
    "identity-key-kind": Entry(
        "The key file {name} holds no unencrypted Ed25519 private key in PEM form.",
        "Name the right file, or make a new key.",
        public=False,
        what_da="Nøglefilen {name} rummer ikke en ukrypteret privat Ed25519-nøgle i PEM-form.",
        fix_da="Angiv den rigtige fil, eller lav en ny nøgle.",
    ),
    "identity-public-key": Entry(
        "This is no Ed25519 public key.",
        "Write 'ed25519:' and the base64 of its 32 bytes.",
        what_da="Dette er ikke en offentlig Ed25519-nøgle.",
        fix_da="Skriv 'ed25519:' og base64 af nøglens 32 byte.",
    ),
    "identity-signature": Entry(
        "A signature is wrong: the content was changed, or another key signed it.",
        "Fetch the document again from its author; if it stays wrong, don't use it.",
        what_da="En underskrift er forkert: indholdet er ændret, eller en anden nøgle har underskrevet.",
        fix_da="Hent dokumentet igen fra afsenderen; er det stadig forkert, så brug det ikke.",
    ),
    "identity-signature-missing": Entry(
        "A signature that is needed is missing.",
        "Have everybody sign whose key is named under 'trust' in the configuration or in the manifest.",
        what_da="En nødvendig underskrift mangler.",
        fix_da="Få alle til at underskrive, hvis nøgle står under 'trust' i opsætningen eller i manifestet.",
    ),
    "identity-envelope": Entry(
        "This is no signed envelope (DSSE).",
        "Send the file as it was written when it was signed.",
        what_da="Dette er ikke en underskrevet konvolut (DSSE).",
        fix_da="Send filen, som den blev skrevet, da den blev underskrevet.",
    ),
    "identity-envelope-type": Entry(
        "The envelope holds another kind of document than {expected}.",
        "Name the right file.",
        what_da="Konvolutten rummer en anden slags dokument end {expected}.",
        fix_da="Angiv den rigtige fil.",
    ),
    "identity-certificate": Entry(
        "The certificate doesn't say who it speaks for in this federation.",
        "Use a certificate that the federation's authority has issued for this party.",
        what_da="Certifikatet siger ikke, hvem i føderationen det taler for.",
        fix_da="Brug et certifikat, som føderationens certifikatudsteder har udstedt til denne part.",
    ),
    "identity-credential-issuer": Entry(
        "The analyst's credential isn't signed by a node of this federation.",
        "Ask the operator of your organisation's node for a credential.",
        what_da="Analytikerens legitimation er ikke underskrevet af en node i denne føderation.",
        fix_da="Bed driften af din organisations node om en legitimation.",
    ),
    "identity-credential-organisation": Entry(
        "The credential names another organisation or federation than the node that signed it.",
        "Ask the operator of your organisation's node for a new credential.",
        what_da="Legitimationen nævner en anden organisation eller føderation end noden, der underskrev den.",
        fix_da="Bed driften af din organisations node om en ny legitimation.",
    ),
    "identity-credential-expired": Entry(
        "The analyst's credential isn't valid on this day.",
        "Ask the operator of your organisation's node for a new credential.",
        what_da="Analytikerens legitimation gælder ikke denne dag.",
        fix_da="Bed driften af din organisations node om en ny legitimation.",
    ),
    "identity-query-analyst": Entry(
        "The query names another analyst or organisation than the credential.",
        "Sign with the key and credential of the analyst whom the query names.",
        what_da="Forespørgslen nævner en anden analytiker eller organisation end legitimationen.",
        fix_da="Underskriv med nøgle og legitimation for den analytiker, som forespørgslen nævner.",
    ),
    "identity-query-expired": Entry(
        "The query's not_after has passed.",
        "Sign the query again with a later not_after.",
        what_da="Forespørgslens frist (not_after) er udløbet.",
        fix_da="Underskriv forespørgslen igen med en senere frist.",
    ),
    "identity-query-far": Entry(
        "The query's not_after lies more than {days} days ahead.",
        "Sign it with a not_after of at most {days} days from now; sign it again if it isn't "
        "answered by then.",
        what_da="Forespørgslens frist (not_after) ligger mere end {days} dage fremme.",
        fix_da="Underskriv den med en frist højst {days} dage fremme; underskriv den igen, hvis den ikke er "
        "besvaret til den tid.",
    ),
    "identity-query-federation": Entry(
        "The query is for another federation.",
        "Use the manifest of the federation you ask.",
        what_da="Forespørgslen er til en anden føderation.",
        fix_da="Brug manifestet for den føderation, du spørger.",
    ),
    "identity-query-codebook": Entry(
        "The query was written for another codebook than the federation's.",
        "Fetch the current codebook, check what changed in your variables, and sign again.",
        what_da="Forespørgslen er skrevet til en anden kodebog end føderationens.",
        fix_da="Hent den gældende kodebog, se, hvad der er ændret i dine variable, og underskriv igen.",
    ),
    "identity-manifest-expired": Entry(
        "The federation manifest isn't valid on this day.",
        "Install the current, signed manifest.",
        what_da="Føderationens manifest gælder ikke denne dag.",
        fix_da="Installér det gældende, underskrevne manifest.",
    ),
    "identity-manifest-codebook": Entry(
        "The codebook isn't the one that the manifest names.",
        "Install the codebook and the manifest that were signed together.",
        what_da="Kodebogen er ikke den, som manifestet nævner.",
        fix_da="Installér den kodebog og det manifest, der er underskrevet sammen.",
    ),
}
