"""Error codes: a node's snapshots over time."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "node-snapshot-overdue": Entry(
        "The node has no snapshot of this period, so it doesn't know all objections and consents that count.",
        "Ask again later. At the node: `samklang node snapshots` says why there is no new one.",
        what_da="Noden har intet øjebliksbillede for denne periode og kender derfor ikke alle de "
        "indsigelser og samtykker, der gælder.",
        fix_da="Spørg igen senere. Hos noden: `samklang node snapshots` viser, hvorfor der ikke er et nyt.",
    ),
    "audit-other-answer": Entry(
        "The coordinator wants a receipt of {node} for a stored release that answers another question, or "
        "the same one under other policies or snapshots.",
        "Don't ask this coordinator again before its operator and the nodes' data-protection officers have "
        "found out why.",
        what_da="Koordinatoren vil have en kvittering fra {node} for et gemt svar, der svarer på et andet "
        "spørgsmål eller på det samme efter andre politikker eller øjebliksbilleder.",
        fix_da="Spørg ikke denne koordinator igen, før dens drift og nodernes databeskyttelsesrådgivere har "
        "fundet ud af hvorfor.",
    ),
    "node-register-database": Entry(
        "The database of the register {register!r} can't be read.",
        "Look at its address, its role and whether it runs; `samklang node check` tries again.",
        public=False,
        what_da="Databasen med registret {register!r} kan ikke læses.",
        fix_da="Kontrollér dens adresse og rolle, og at den kører; `samklang node check` prøver igen.",
    ),
    "node-register-table": Entry(
        "The database of the register {register!r} has no such table or column, or the column can't hold CPR "
        "numbers.",
        "Correct `table`, `schema` and `column`, and let the role read the table.",
        public=False,
        what_da="Databasen med registret {register!r} har ikke den tabel eller kolonne, eller kolonnen kan "
        "ikke rumme CPR-numre.",
        fix_da="Ret `table`, `schema` og `column`, og lad rollen læse tabellen.",
    ),
    "node-register-secret": Entry(
        "The register {register!r} has no usable password: {problem}.",
        "Put it into a file of mode 0600 (`password_file`) or an environment variable "
        "(`password_environment`), never into the address.",
        public=False,
        what_da="Registret {register!r} har ikke en brugbar adgangskode: {problem}.",
        fix_da="Læg den i en fil med rettigheder 0600 (`password_file`) eller en miljøvariabel "
        "(`password_environment`), aldrig i adressen.",
    ),
    "node-fhir": Entry(
        "The register {register!r} can't be taken from its FHIR bundles: {problem}.",
        "Export it again, whole: JSON, R4, one bundle per file, every refusal with the citizen's CPR "
        "identifier.",
        public=False,
        what_da="Registret {register!r} kan ikke læses fra sine FHIR-bundles: {problem}.",
        fix_da="Udtræk det igen, helt: JSON, R4, ét bundle pr. fil, hvert nej med borgerens "
        "CPR-identifikator.",
    ),
    "node-snapshot-damaged": Entry(
        "A snapshot on disk isn't what was written there.",
        "Nothing is answered from it; a new one is made. Look after the disk.",
        public=False,
        what_da="Et øjebliksbillede på disken er ikke det, der blev skrevet.",
        fix_da="Der svares ikke ud fra det; et nyt laves. Kontrollér disken.",
    ),
    "node-snapshot-disk": Entry(
        "The new snapshot can't be written: {problem}.",
        "Make room in the state directory: while the next snapshot is made there are two.",
        public=False,
        what_da="Det nye øjebliksbillede kan ikke skrives: {problem}.",
        fix_da="Skaf plads i tilstandsmappen: mens det næste øjebliksbillede laves, er der to.",
    ),
}
