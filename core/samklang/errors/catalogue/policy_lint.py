"""Error codes: what is sound in a policy and still worth a second look (``samklang policy lint``)."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "policy-lint-not-valid": Entry(
        "It holds from {first} to {last} and not today, {today}: everything is refused.",
        "Write other dates and let it be signed.",
        what_da="Den gælder fra {first} til {last} og ikke i dag, {today}: alt afvises.",
        fix_da="Skriv andre datoer, og få den underskrevet.",
    ),
    "policy-lint-ends": Entry(
        "It holds until {last}, less than 60 days from now.",
        "Have the next version signed before.",
        what_da="Den gælder til {last}, om mindre end 60 dage.",
        fix_da="Få den næste version underskrevet inden.",
    ),
    "policy-lint-outlives": Entry(
        "It holds longer than the federation's manifest, which ends on {last}.",
        "Write a date until then.",
        what_da="Den gælder længere end føderationens manifest, som slutter {last}.",
        fix_da="Skriv en dato inden da.",
    ),
    "policy-lint-unused": Entry(
        "{name!r} is in no grant, so nobody can use it.",
        "Leave it out, or write it into a grant.",
        what_da="{name!r} står ikke i nogen tilladelse, så ingen kan bruge det.",
        fix_da="Udelad det, eller skriv det i en tilladelse.",
    ),
    "policy-lint-floor": Entry(
        "{where} is looser than the federation's floor, which holds instead.",
        "Write what the floor says, so that the policy says what holds.",
        what_da="{where} er lempeligere end føderationens mindstekrav, som gælder i stedet.",
        fix_da="Skriv det, mindstekravet siger, så politikken siger, hvad der gælder.",
    ),
    "policy-lint-dead": Entry(
        "Nobody can ask anything under the grant {name!r}.",
        "Look at its people, partners and variables, and at the prohibitions.",
        what_da="Ingen kan spørge om noget med tilladelsen {name!r}.",
        fix_da="Se på dens personkreds, partnere og variable og på forbuddene.",
    ),
    "policy-lint-never": Entry(
        "{name!r} is granted and still always refused, by another rule.",
        "Leave it out, or change the rule or prohibition that closes it.",
        what_da="{name!r} er tilladt, men afvises altid på grund af en anden regel.",
        fix_da="Udelad det, eller ret den regel eller det forbud, der lukker det.",
    ),
    "policy-lint-forbids-nothing": Entry(
        "{name!r} is closed or forbidden here, and neither the federation nor its codebook has such a thing: "
        "this closes nothing.",
        "Write the name as the manifest or the codebook has it, or leave it out.",
        what_da="{name!r} er lukket eller forbudt her, og hverken føderationen eller dens kodebog har noget, "
        "der hedder det: det lukker intet.",
        fix_da="Skriv navnet, som det står i manifestet eller kodebogen, eller udelad det.",
    ),
    "policy-lint-finer": Entry(
        "{name!r} is closed, and {finer!r}, whose levels add up to it, is open: whoever gets the one can "
        "work out the other.",
        "Close {finer!r} too, or the variable by its bare name, or open {name!r}.",
        what_da="{name!r} er lukket, og {finer!r}, hvis niveauer kan lægges sammen til den, er åben: den, "
        "der får den ene, kan regne den anden ud.",
        fix_da="Luk også {finer!r}, eller luk variablen ved dens navn alene, eller åbn {name!r}.",
    ),
    "policy-lint-register": Entry(
        "The node has no register {name!r} of the kind {kind!r}: the grant is refused when it is used.",
        "Write it under `consent` in the node's configuration.",
        what_da="Noden har intet register {name!r} af typen {kind!r}: tilladelsen afvises, når den bruges.",
        fix_da="Skriv det under `consent` i nodens opsætning.",
    ),
    "policy-lint-basis": Entry(
        "The grant {name!r} names no Danish law.",
        "Write it under `basis: danish`, or be sure that none is needed.",
        what_da="Tilladelsen {name!r} nævner ingen dansk lov.",
        fix_da="Skriv den under `basis: danish`, eller vær sikker på, at ingen er nødvendig.",
    ),
    "policy-lint-one-way": Entry(
        "No prohibition says that statistics never lead to care; it holds all the same.",
        "Write it, for those who read the policy: from_family: statistical, to_family: care.",
        what_da="Intet forbud siger, at statistik aldrig fører til behandling; det gælder alligevel.",
        fix_da="Skriv det for dem, der læser politikken: from_family: statistical, to_family: care.",
    ),
    "policy-lint-never-joined": Entry(
        "The controller {name!r} takes part on no day on which the policy holds.",
        "Write other days, or leave it out.",
        what_da="Den dataansvarlige {name!r} deltager ikke nogen af de dage, politikken gælder.",
        fix_da="Skriv andre datoer, eller udelad den.",
    ),
    "policy-lint-controllers-ids": Entry(
        "The controllers don't all take part all the time and have no `id`: whenever one of them doesn't, "
        "everything is refused.",
        "Give each an `id`, and name it in the tables of the node's configuration (`files_of` or "
        "`controller`).",
        what_da="De dataansvarlige deltager ikke alle hele tiden og har intet `id`: når en af dem ikke "
        "deltager, afvises alt.",
        fix_da="Giv hver et `id`, og nævn det i tabellerne i nodens opsætning (`files_of` eller "
        "`controller`).",
    ),
    "policy-lint-controllers-rows": Entry(
        "There are several controllers, and the tables of the node's configuration don't say whose their "
        "rows are: whenever one of them doesn't take part, everything is refused.",
        "Give every table `files_of`, or `controller` with a column.",
        what_da="Der er flere dataansvarlige, og tabellerne i nodens opsætning siger ikke, hvis rækkerne "
        "er: når en af dem ikke deltager, afvises alt.",
        fix_da="Giv alle tabeller `files_of`, eller `controller` med en kolonne.",
    ),
    "policy-lint-controller-unlisted": Entry(
        "The node's configuration names the controller {name!r}, which the policy doesn't list: its rows "
        "are left out.",
        "List it under `controllers` if it is to join; else its files can go from the configuration.",
        what_da="Nodens opsætning nævner den dataansvarlige {name!r}, som politikken ikke opregner: dens "
        "rækker udelades.",
        fix_da="Opregn den under `controllers`, hvis den skal være med; ellers kan dens filer tages ud af "
        "opsætningen.",
    ),
}
