"""Error codes: a node's own data. Local by nature: only what the codebook's author must know is public."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_CHECK = "Run `samklang node check` after the change."
_CHECK_DA = "Kør `samklang node check` efter ændringen."

CODES: dict[str, Entry] = {
    "node-spill-directory": Entry(
        "The directory for temporary data can't be created or locked.",
        "Give the node's user write access to the state directory; it must lie on a local file system.",
        public=False,
        what_da="Mappen til midlertidige data kan ikke oprettes eller låses.",
        fix_da="Giv nodens bruger skriveadgang til tilstandsmappen; den skal ligge på et lokalt filsystem.",
    ),
    "node-file-missing": Entry(
        "Path {position} of the table {table!r} matches no file.",
        "Correct `file` in the node's configuration; paths are relative to the configuration's folder.",
        public=False,
        what_da="Sti nr. {position} for tabellen {table!r} passer ikke på nogen fil.",
        fix_da="Ret `file` i nodens opsætning; stier regnes fra opsætningens mappe.",
    ),
    "node-file-empty": Entry(
        "A file of the table {table!r} has no bytes, not even a header.",
        "Repeat the export. A file with a header and no rows is fine.",
        public=False,
        what_da="En fil til tabellen {table!r} er helt tom og mangler også overskriften.",
        fix_da="Gentag udtrækket. En fil med overskrift og uden rækker er i orden.",
    ),
    "node-file-encoding": Entry(
        "A file of the table {table!r} isn't in the encoding it should have.",
        "Export as UTF-8, or set `encoding` (utf-8, utf-16, windows-1252, latin-1). " + _CHECK,
        public=False,
        what_da="En fil til tabellen {table!r} har ikke den tegnkodning, den skulle have.",
        fix_da="Udtræk som UTF-8, eller angiv `encoding` (utf-8, utf-16, windows-1252, latin-1). "
        + _CHECK_DA,
    ),
    "node-file-unreadable": Entry(
        "A file of the table {table!r} can't be read in its format.",
        "Check that it is complete, that quotes are closed and that `format` is right. " + _CHECK,
        public=False,
        what_da="En fil til tabellen {table!r} kan ikke læses i sit format.",
        fix_da="Kontrollér, at den er hel, at anførselstegn er lukket, og at `format` er rigtigt. "
        + _CHECK_DA,
    ),
    "node-column-missing": Entry(
        "A file of the table {table!r} has no column {source_column!r} for {column!r} "
        "({count:column|columns} found in its first line).",
        "Correct `columns` or `separator` in the configuration; the first line must be the header.",
        public=False,
        what_da="En fil til tabellen {table!r} har ingen kolonne {source_column!r} til {column!r} "
        "(der er {count:kolonne|kolonner} i første linje).",
        fix_da="Ret `columns` eller `separator` i opsætningen; første linje skal være overskriften.",
    ),
    "node-column-twice": Entry(
        "A file of the table {table!r} has the column {source_column!r} for {column!r} more than once.",
        "Rename one of the two in the export.",
        public=False,
        what_da="En fil til tabellen {table!r} har kolonnen {source_column!r} til {column!r} mere "
        "end én gang.",
        fix_da="Omdøb den ene i udtrækket.",
    ),
    "node-column-type": Entry(
        "The column {source_column!r} for {column!r} of the table {table!r} holds lists, "
        "structures or raw bytes.",
        "Export it as text, a number, a date or a boolean.",
        public=False,
        what_da="Kolonnen {source_column!r} til {column!r} i tabellen {table!r} rummer lister, "
        "strukturer eller rå byte.",
        fix_da="Udtræk den som tekst, tal, dato eller sandt/falsk.",
    ),
    "node-decimal-mark": Entry(
        "In the column {column!r} of the table {table!r} the decimal mark can't be told: comma and point "
        "both occur as such, or every number could as well be written with thousands marks.",
        "Set `decimal` to ',' or '.' for this table.",
        public=False,
        what_da="I kolonnen {column!r} i tabellen {table!r} kan decimaltegnet ikke afgøres: både komma og "
        "punktum bruges som decimaltegn, eller alle tal kunne lige så vel have tusindtalsskilletegn.",
        fix_da="Sæt `decimal` til ',' eller '.' for denne tabel.",
    ),
    "node-table-option": Entry(
        "The option {option!r} of the table {table!r} doesn't fit its other options or columns.",
        "`newest_by` names a column of the table and goes with `duplicates: newest`.",
        public=False,
        what_da="Indstillingen {option!r} for tabellen {table!r} passer ikke til dens øvrige "
        "indstillinger eller kolonner.",
        fix_da="`newest_by` nævner en kolonne i tabellen og hører sammen med `duplicates: newest`.",
    ),
    "node-table-unmapped": Entry(
        "The codebook's table {table!r} of the sector {sector!r} is not in the node's configuration.",
        "Add it under `tables`; for a table without data give a file with a header and no rows.",
        public=False,
        what_da="Kodebogens tabel {table!r} i sektoren {sector!r} står ikke i nodens opsætning.",
        fix_da="Skriv den under `tables`; til en tabel uden data angives en fil med overskrift og "
        "uden rækker.",
    ),
    "node-table-unknown": Entry(
        "The configuration maps a table {table!r} that the codebook doesn't have for this node's sectors.",
        "Remove it, or correct its name.",
        public=False,
        what_da="Opsætningen nævner en tabel {table!r}, som kodebogen ikke har i denne nodes sektorer.",
        fix_da="Fjern den, eller ret navnet.",
    ),
    "node-table-column-unknown": Entry(
        "The configuration maps a column {column!r} that the table {table!r} doesn't have in the codebook.",
        "Remove it, or correct its name.",
        public=False,
        what_da="Opsætningen nævner en kolonne {column!r}, som tabellen {table!r} ikke har i kodebogen.",
        fix_da="Fjern den, eller ret navnet.",
    ),
    "node-engine": Entry(
        "The data engine failed while it read the table {table!r}.",
        "The log names the kind of failure; more memory (`limits`) or disk space may be needed.",
        public=False,
        what_da="Databasemotoren fejlede, mens den læste tabellen {table!r}.",
        fix_da="Loggen nævner fejlens art; der kan mangle hukommelse (`limits`) eller diskplads.",
    ),
    "node-objections-unreadable": Entry(
        "The objection register {register!r} has rows whose CPR number can't be read or is missing.",
        "Correct them: a row that can't be read would let a citizen in who said no. Nothing is computed "
        "until then.",
        public=False,
        what_da="Indsigelsesregistret {register!r} har rækker, hvis CPR-nummer mangler eller ikke kan læses.",
        fix_da="Ret dem: med en ulæselig række kunne en borger, der har gjort indsigelse, blive talt med. "
        "Intet beregnes, før det er gjort.",
    ),
    "node-register-unknown": Entry(
        "The node has no consent register {register!r}, so nobody has consented.",
        "Name one that `consent` in the node's configuration has, or add it there.",
        public=False,
        what_da="Noden har intet samtykkeregister {register!r}, så ingen har givet samtykke.",
        fix_da="Angiv et register, der står under `consent` i nodens opsætning, eller tilføj det dér.",
    ),
    "node-sector-unknown": Entry(
        "The snapshot has no data of the sector {sector!r}.",
        "Ask for a sector that the manifest gives this node.",
        what_da="Øjebliksbilledet har ingen data fra sektoren {sector!r}.",
        fix_da="Spørg om en sektor, som manifestet giver denne node.",
    ),
    "node-request": Entry(
        "The variable {variable!r} can't be computed as {kind!r} in the sector {sector!r}.",
        "Ask for it as the codebook defines it: its kind, its sector, and a banding it has.",
        what_da="Variablen {variable!r} kan ikke beregnes som {kind!r} i sektoren {sector!r}.",
        fix_da="Spørg, som kodebogen definerer den: dens art, dens sektor og en inddeling, den har.",
    ),
    "node-sql-refused": Entry(
        "A statement of the codebook is not one SELECT.",
        "Correct the codebook: each variable is one SELECT over its sector's logical tables.",
        what_da="En sætning i kodebogen er ikke én SELECT.",
        fix_da="Ret kodebogen: hver variabel er én SELECT over sektorens logiske tabeller.",
    ),
    "node-variable-columns": Entry(
        "{variable!r} in the sector {sector!r} doesn't return the columns (cpr, value); a population "
        "returns (cpr).",
        "Correct the SELECT list in the codebook.",
        what_da="{variable!r} i sektoren {sector!r} giver ikke kolonnerne (cpr, value); en "
        "population giver (cpr).",
        fix_da="Ret SELECT-listen i kodebogen.",
    ),
    "node-variable-type": Entry(
        "{variable!r} in the sector {sector!r} returns {found}, which doesn't fit what it is used as "
        "({wanted}).",
        "Add a CAST in the codebook's SQL, or correct the levels' values.",
        what_da="{variable!r} i sektoren {sector!r} giver {found}, som ikke passer til brugen ({wanted}).",
        fix_da="Tilføj en CAST i kodebogens SQL, eller ret niveauernes værdier.",
    ),
    "node-variable-not-unique": Entry(
        "{variable!r} in the sector {sector!r} returns more than one row for at least one citizen.",
        "Group by cpr in the codebook's SQL; for a table that should have one row per citizen set "
        "`duplicates: drop` where only identical rows repeat, else `newest`.",
        public=False,
        what_da="{variable!r} i sektoren {sector!r} giver mere end én række for mindst én borger.",
        fix_da="Gruppér efter cpr i kodebogens SQL, eller sæt for en tabel med én række pr. borger "
        "`duplicates: drop`, hvis kun ens rækker gentages, ellers `newest`.",
    ),
    "node-variable-failed": Entry(
        "{variable!r} in the sector {sector!r} can't be computed on this node's data.",
        "The local log names the kind of failure (a failed CAST, an overflow, a missing column, memory).",
        public=False,
        what_da="{variable!r} i sektoren {sector!r} kan ikke beregnes på denne nodes data.",
        fix_da="Den lokale log nævner fejlens art (en CAST, et overløb, en manglende kolonne, hukommelse).",
    ),
    "node-cpr-form": Entry(
        "{variable!r} in the sector {sector!r} returns a `cpr` that isn't the tables' own.",
        "Return the column cpr as it is in the logical tables.",
        what_da="{variable!r} i sektoren {sector!r} giver et `cpr`, der ikke er tabellernes eget.",
        fix_da="Giv kolonnen cpr, som den står i de logiske tabeller.",
    ),
    "node-snapshot-closed": Entry(
        "The snapshot was closed.",
        "Ask again; the node's current snapshot answers.",
        what_da="Øjebliksbilledet er lukket.",
        fix_da="Spørg igen; nodens gældende øjebliksbillede svarer.",
    ),
}
