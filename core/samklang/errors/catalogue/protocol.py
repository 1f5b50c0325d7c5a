"""Error codes of the protocol: what a party says when a check fails. All end the attempt."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_NEW_ATTEMPT = "The attempt is over and nothing was released; a new attempt starts with new keys."
_NEW_ATTEMPT_DA = "Forsøget er slut, og intet blev udleveret; et nyt forsøg begynder med nye nøgler."

CODES: dict[str, Entry] = {
    "protocol-length": Entry(
        "A message had not the length it must have ({expected} bytes).",
        _NEW_ATTEMPT,
        what_da="En meddelelse havde ikke den længde, den skal have ({expected} byte).",
        fix_da=_NEW_ATTEMPT_DA,
    ),
    "protocol-repeated": Entry(
        "The step {event!r} was already taken in this attempt.",
        "A party that restarts can't continue an attempt; submit again or wait for the next attempt.",
        what_da="Trinnet {event!r} var allerede taget i dette forsøg.",
        fix_da="En part, der er genstartet, kan ikke fortsætte et forsøg; indsend igen, eller vent "
        "på næste forsøg.",
    ),
    "protocol-sealed": Entry(
        "The message of step {stage} from {party} doesn't open: it was altered, cut, moved or replayed.",
        _NEW_ATTEMPT + " If it happens again, have the network between the partners examined.",
        what_da="Meddelelsen i trin {stage} fra {party} kan ikke åbnes: den er ændret, afkortet, "
        "flyttet eller afspillet igen.",
        fix_da=_NEW_ATTEMPT_DA + " Sker det igen, så få netværket mellem partnerne undersøgt.",
    ),
    "protocol-grouping": Entry(
        "The linker's grouping was refused: {reason}.",
        _NEW_ATTEMPT + " If it happens again, have the coordinator examined.",
        what_da="Koblingspartens gruppering blev afvist: {reason}.",
        fix_da=_NEW_ATTEMPT_DA + " Sker det igen, så få koordinatoren undersøgt.",
    ),
    "protocol-groupings-differ": Entry(
        "The linker gave the two holders different groupings.",
        _NEW_ATTEMPT + " Have the coordinator examined: this doesn't happen by accident.",
        what_da="Koblingsparten gav de to indehavere forskellige grupperinger.",
        fix_da=_NEW_ATTEMPT_DA + " Få koordinatoren undersøgt: dette sker ikke ved et tilfælde.",
    ),
    "protocol-counts-differ": Entry(
        "The two opening parties report different tables.",
        _NEW_ATTEMPT + " Have both compute parties examined: this doesn't happen by accident.",
        what_da="De to åbnende parter melder forskellige tabeller.",
        fix_da=_NEW_ATTEMPT_DA + " Få begge beregningsparter undersøgt: dette sker ikke ved et tilfælde.",
    ),
    "protocol-opening": Entry(
        "What {party} opened was refused: {reason}.",
        _NEW_ATTEMPT + " Have that compute party examined: this doesn't happen by accident.",
        what_da="Det, {party} åbnede, blev afvist: {reason}.",
        fix_da=_NEW_ATTEMPT_DA + " Få den beregningspart undersøgt: dette sker ikke ved et tilfælde.",
    ),
    "protocol-impossible": Entry(
        "Groups were opened whose levels exclude each other, more than honest parties can cause.",
        _NEW_ATTEMPT + " Have the compute parties, the coordinator and the input parties examined.",
        what_da="Der blev åbnet flere grupper, hvis niveauer udelukker hinanden, end ærlige parter kan give.",
        fix_da=_NEW_ATTEMPT_DA + " Få beregningsparterne, koordinatoren og inputparterne undersøgt.",
    ),
    "protocol-too-many-rows": Entry(
        "The query has {rows} padded rows; at most {most} are supported.",
        "Ask about fewer nodes or a smaller population at a time.",
        what_da="Forespørgslen har {rows} rækker, fyldrækker medregnet; højst {most} kan behandles.",
        fix_da="Spørg om færre noder eller en mindre population ad gangen.",
    ),
    "protocol-agreement": Entry(
        "The agreement was refused: {reason}.",
        _NEW_ATTEMPT + " All partners must have the same manifest, codebook and software version.",
        what_da="Aftalen blev afvist: {reason}.",
        fix_da=_NEW_ATTEMPT_DA + " Alle partnere skal have samme manifest, kodebog og softwareversion.",
    ),
    "protocol-key-message": Entry(
        "A key message from {party} was refused: {reason}.",
        _NEW_ATTEMPT + " If it happens again, have that partner's identity key checked.",
        what_da="En nøglemeddelelse fra {party} blev afvist: {reason}.",
        fix_da=_NEW_ATTEMPT_DA + " Sker det igen, så få den partners identitetsnøgle kontrolleret.",
    ),
    "protocol-link-key": Entry(
        "{party} has another link key.",
        _NEW_ATTEMPT + " If it happens again, have that partner and the coordinator examined.",
        what_da="{party} har en anden koblingsnøgle.",
        fix_da=_NEW_ATTEMPT_DA + " Sker det igen, så få den partner og koordinatoren undersøgt.",
    ),
    "protocol-own-rows": Entry(
        "This node's own rows are not as the query needs them: {reason}.",
        "Run `samklang node check` at the node and compare with the codebook.",
        public=False,
        what_da="Denne nodes egne rækker er ikke, som forespørgslen kræver: {reason}.",
        fix_da="Kør `samklang node check` på noden, og sammenlign med kodebogen.",
    ),
    "program-too-few-nodes": Entry(
        "The query reaches {nodes:node|nodes}; it needs at least two.",
        "Add a variable from another sector, or leave out `nodes`.",
        what_da="Forespørgslen når {nodes:node|noder}; den skal nå mindst to.",
        fix_da="Tilføj en variabel fra en anden sektor, eller udelad `nodes`.",
    ),
    "program-too-many-cells": Entry(
        "The query opens {cells} cells, absent, missing and conflict included; at most {most} are possible.",
        "Use a coarser banding, first for the axis {axis!r} with its {levels} levels, or drop an axis.",
        what_da="Forespørgslen åbner {cells} celler, inklusive fraværende, manglende og "
        "modstridende; højst {most} er mulige.",
        fix_da="Brug en grovere inddeling, først for aksen {axis!r} med dens {levels} niveauer, "
        "eller udelad en akse.",
    ),
    "program-too-many-levels": Entry(
        "The axis {axis!r} has {levels} levels; at most 250 are possible.",
        "Use a coarser banding of {axis!r}.",
        what_da="Aksen {axis!r} har {levels} niveauer; højst 250 er mulige.",
        fix_da="Brug en grovere inddeling af {axis!r}.",
    ),
    "program-table-too-large": Entry(
        "The sums of {axis!r} can take {words} values; at most {most} are possible.",
        "Lower the `clip` of {axis!r} in the codebook, or for an interval use weeks or a shorter period.",
        what_da="Summerne af {axis!r} kan antage {words} værdier; højst {most} er mulige.",
        fix_da="Sænk `clip` for {axis!r} i kodebogen, eller brug uger eller en kortere periode for "
        "et interval.",
    ),
    "program-sum-too-large": Entry(
        "The sum of {variable!r} could exceed 64 bits.",
        "Lower its `clip` or its `scale` in the codebook.",
        what_da="Summen af {variable!r} kunne overstige 64 bit.",
        fix_da="Sænk `clip` eller `scale` i kodebogen.",
    ),
    "program-no-cells": Entry(
        "No cell is left: `require` and the axes exclude each other.",
        "Look at the levels under `require`.",
        what_da="Ingen celle er tilbage: `require` og akserne udelukker hinanden.",
        fix_da="Se på niveauerne under `require`.",
    ),
    "program-margin-too-fine": Entry(
        "The margin has {margin} cells for {cells} of the table; each must merge {least} on average.",
        "Leave an axis out of `report_by` or give it a coarser banding there; or leave `report_by` out: "
        "adding up cells of the table is as exact.",
        what_da="Marginaltabellen har {margin} celler til tabellens {cells}; hver skal i gennemsnit samle "
        "{least}.",
        fix_da="Udelad en akse i `report_by`, eller giv den en grovere inddeling dér; eller udelad "
        "`report_by`: at lægge tabellens celler sammen er lige så præcist.",
    ),
    "program-margin-levels": Entry(
        "The banding {banding!r} of the margin's axis {axis!r} doesn't merge whole levels that are released "
        "alike.",
        "Choose a banding whose levels are made of the axis's own, and none of released and others together.",
        what_da="Inddelingen {banding!r} af marginaltabellens akse {axis!r} samler ikke hele niveauer, der "
        "udleveres ens.",
        fix_da="Vælg en inddeling, hvis niveauer består af aksens egne, og ingen af både udleverede og "
        "andre.",
    ),
    "program-not-an-axis": Entry(
        "{variable!r} is a measure and can't be an axis.",
        "Move it to `measures`, or choose a category, total or interval.",
        what_da="{variable!r} er et måltal og kan ikke være en akse.",
        fix_da="Flyt det til `measures`, eller vælg en kategori, en total eller et interval.",
    ),
    "program-not-a-measure": Entry(
        "{variable!r} can't be summed per cell: it is no measure.",
        "Move it to `axes`, or choose a measure.",
        what_da="{variable!r} kan ikke summeres pr. celle: det er ikke et måltal.",
        fix_da="Flyt det til `axes`, eller vælg et måltal.",
    ),
}
