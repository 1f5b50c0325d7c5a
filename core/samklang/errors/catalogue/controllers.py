"""Error codes: a node that holds rows of several controllers, some of whom may not have joined."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "node-controllers-half": Entry(
        "Some tables of the node's configuration say whose their rows are, and some don't.",
        "Give every table `files_of`, or `controller` with a column.",
        public=False,
        what_da="Nogle tabeller i nodens opsætning angiver, hvis rækkerne er; andre gør det ikke.",
        fix_da="Giv alle tabeller `files_of`, eller `controller` med en kolonne.",
    ),
    "node-controllers-ids": Entry(
        "The node's tables say whose their rows are, but the policy's controllers have no `id` to be named "
        "by.",
        "Let the controllers sign a policy in which each of them has an `id`.",
        public=False,
        what_da="Nodens tabeller angiver, hvis rækkerne er, men politikkens dataansvarlige har intet `id`, "
        "de kan nævnes ved.",
        fix_da="Få de dataansvarlige til at underskrive en politik, hvor hver af dem har et `id`.",
    ),
    "node-controller-unread": Entry(
        "The controller {controller!r} has joined, but the table {table!r} has nothing of it.",
        "Name its files under `files_of`, or what stands for it in the column under `ids`; an empty file "
        "will do where it has no such rows.",
        public=False,
        what_da="Den dataansvarlige {controller!r} er tilsluttet, men tabellen {table!r} har intet fra den.",
        fix_da="Angiv dens filer under `files_of` eller under `ids` det, der står for den i kolonnen; en "
        "fil uden rækker er nok, hvis den dataansvarlige ingen har.",
    ),
    "node-controller-file": Entry(
        "A file of the table {table!r} is both {one}'s and {other}'s.",
        "Let every file be one controller's alone; where one holds rows of several, say by `controller` "
        "which column tells.",
        public=False,
        what_da="En fil til tabellen {table!r} tilhører både {one} og {other}.",
        fix_da="Lad hver fil tilhøre én dataansvarlig; hvor en fil rummer rækker fra flere, så angiv med "
        "`controller`, hvilken kolonne der viser det.",
    ),
    "node-controllers-differ": Entry(
        "The node's snapshot holds rows of other controllers than those that have joined today.",
        "Ask again later. At the node: `samklang node snapshots` says why there is no new snapshot.",
        what_da="Nodens øjebliksbillede rummer rækker fra andre dataansvarlige end dem, der er tilsluttet i "
        "dag.",
        fix_da="Spørg igen senere. Hos noden: `samklang node snapshots` viser, hvorfor der ikke er et nyt.",
    ),
    "node-controller-left": Entry(
        "A controller's last day at the node ended while the query ran, so no more of its rows leave.",
        "Ask again: the next answer is made without it.",
        what_da="En dataansvarligs sidste dag hos noden sluttede, mens forespørgslen kørte, så der sendes "
        "ikke flere af dens rækker.",
        fix_da="Spørg igen: næste svar laves uden den.",
    ),
}
