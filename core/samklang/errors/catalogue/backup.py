"""Error codes: backup, restore and leaving."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "backup-source": Entry(
        "The state can't be backed up: {problem}.",
        "Check the folder that `state` names in the configuration; the process itself goes on.",
        public=False,
        what_da="Tilstanden kan ikke sikkerhedskopieres: {problem}.",
        fix_da="Kontrollér mappen, som `state` nævner i opsætningen; selve processen kører videre.",
    ),
    "backup-target": Entry(
        "The backup {file} can't be written: {problem}.",
        "Name a new file in a folder that can be written to and has room.",
        public=False,
        what_da="Sikkerhedskopien {file} kan ikke skrives: {problem}.",
        fix_da="Angiv en ny fil i en mappe, der kan skrives til og har plads.",
    ),
    "backup-file": Entry(
        "{file} can't be restored: {problem}.",
        "Take another backup; one that was changed or belongs to somebody else is no use.",
        public=False,
        what_da="{file} kan ikke gendannes: {problem}.",
        fix_da="Brug en anden sikkerhedskopi; en, der er ændret eller tilhører en anden, kan ikke bruges.",
    ),
    "backup-state": Entry(
        "There is something in {folder} already.",
        "Move it elsewhere and keep it: it may know of charges that the backup doesn't.",
        public=False,
        what_da="Der er allerede noget i {folder}.",
        fix_da="Flyt det et andet sted hen, og gem det: det kan kende til træk på budgettet, som "
        "sikkerhedskopien ikke kender.",
    ),
    "backup-leave": Entry(
        "Nothing was deleted.",
        "Leaving deletes this node's keys and snapshots for good: say so with `--yes`.",
        public=False,
        what_da="Intet er slettet.",
        fix_da="Når noden træder ud, slettes dens nøgler og øjebliksbilleder for altid: bekræft det med "
        "`--yes`.",
    ),
}
