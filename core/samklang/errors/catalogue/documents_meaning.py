"""Error codes: manifests and codebooks that are well formed but don't make sense."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

MEANING: dict[str, Entry] = {
    "document-unknown-name": Entry(
        "There is no {kind} {name!r}.{hint}",
        "Write a name that exists, or define it.",
        what_da="{name!r} findes ikke ({kind}).{hint}",
        fix_da="Skriv et navn, der findes, eller definér det.",
    ),
    "document-twice": Entry(
        "The {kind} {name!r} stands twice.",
        "Give each its own, or remove one.",
        what_da="Navnet {name!r} står der to gange ({kind}).",
        fix_da="Giv hver sit navn, eller fjern den ene.",
    ),
    "document-snapshots": Entry(
        "In 'snapshots', '{key}' says something only with every: {every}.",
        "Leave '{key}' out, or write every: {every}.",
        what_da="I 'snapshots' har '{key}' kun betydning sammen med `every: {every}`.",
        fix_da="Udelad '{key}', eller skriv `every: {every}`.",
    ),
    "document-dates": Entry(
        "The period ends before it begins.",
        "Write 'from' before 'until'.",
        what_da="Perioden slutter, før den begynder.",
        fix_da="Skriv 'from' før 'until'.",
    ),
    "document-reserved": Entry(
        "The name {name!r} is reserved.",
        "Choose another name.",
        what_da="Navnet {name!r} er reserveret.",
        fix_da="Vælg et andet navn.",
    ),
    "document-coordinator-organisation": Entry(
        "The coordinator belongs to the organisation {organisation!r} of the node {node!r}.",
        "Let an organisation run the coordinator that has no node in the federation.",
        what_da="Koordinatoren hører til organisationen {organisation!r}, som også har noden {node!r}.",
        fix_da="Lad en organisation uden node i føderationen drive koordinatoren.",
    ),
    "document-compute-parties-few": Entry(
        "All nodes belong to one organisation.",
        "A federation needs nodes of at least two organisations.",
        what_da="Alle noder hører til én organisation.",
        fix_da="En føderation kræver noder fra mindst to organisationer.",
    ),
    "document-compute-parties-two": Entry(
        "With nodes of only two organisations the coordinator {coordinator!r} is the first compute party.",
        "Write compute_parties: [{coordinator}, NODE, NODE].",
        what_da="Når noderne kun er fra to organisationer, er koordinatoren {coordinator!r} første "
        "beregningspart.",
        fix_da="Skriv compute_parties: [{coordinator}, NODE, NODE].",
    ),
    "document-compute-parties-coordinator": Entry(
        "The coordinator is a compute party though nodes of three organisations could be.",
        "Name three nodes of three organisations.",
        what_da="Koordinatoren er beregningspart, selv om noder fra tre organisationer kunne være det.",
        fix_da="Nævn tre noder fra tre organisationer.",
    ),
    "document-compute-parties-organisations": Entry(
        "Two compute parties belong to the same organisation: it could open everything by itself.",
        "Name three parties of three organisations.",
        what_da="To beregningsparter hører til samme organisation: den kunne åbne alt alene.",
        fix_da="Nævn tre parter fra tre organisationer.",
    ),
    "document-table-cpr": Entry(
        "The table {table!r} needs one column of the type cpr, and that is called cpr.",
        "Write cpr: cpr among its columns, and give no other column this type.",
        what_da="Tabellen {table!r} skal have én kolonne af typen cpr, og den skal hedde cpr.",
        fix_da="Skriv cpr: cpr blandt kolonnerne, og giv ingen anden kolonne den type.",
    ),
    "document-population-period": Entry(
        "The population of {sector!r} depends on the query's period.",
        "Use at most $as_of: who is present in a sector is a state on one day.",
        what_da="Populationen i {sector!r} afhænger af forespørgslens periode.",
        fix_da="Brug højst $as_of: hvem sektoren kender, er en tilstand på én dag.",
    ),
    "document-clip": Entry(
        "The clip bounds [{low}, {high}] aren't increasing.",
        "Write [low, high].",
        what_da="Grænserne [{low}, {high}] er ikke stigende.",
        fix_da="Skriv [laveste, højeste].",
    ),
    "document-clip-by-variable": Entry(
        "Bounds of this measure can't follow {name!r}: the node that clips must know its level.",
        "Name a category or total that is supplied by the measure's one sector and by no other.",
        what_da="Måltallets grænser kan ikke følge {name!r}: noden, der afgrænser, skal kende niveauet.",
        fix_da="Nævn en kategori eller total, som måltallets ene sektor leverer og ingen anden.",
    ),
    "document-clip-by-range": Entry(
        "The bounds [{low}, {high}] of the level {level!r} fall, or lie outside the measure's own.",
        "Write [low, high] within the measure's 'clip'.",
        what_da="Grænserne [{low}, {high}] for niveauet {level!r} er ikke stigende eller ligger uden for "
        "måltallets egne.",
        fix_da="Skriv [laveste, højeste] inden for måltallets 'clip'.",
    ),
    "document-default": Entry(
        "The default lies outside [{low}, {high}].",
        "Write a value within the clip bounds.",
        what_da="Standardværdien ligger uden for [{low}, {high}].",
        fix_da="Skriv en værdi inden for grænserne.",
    ),
    "document-at-least": Entry(
        "The target group asks for {asked:sector|sectors}, but its parts are of {most}.",
        "Write at_least no larger than the number of different sectors.",
        what_da="Målgruppen kræver {asked:sektor|sektorer}, men dens dele kommer fra {most}.",
        fix_da="Sæt at_least til højst antallet af forskellige sektorer.",
    ),
    "document-banding-overlap": Entry(
        "A value of the level {name!r} belongs to an earlier level too, or the levels aren't in order.",
        "Write disjoint levels; ranges [from, until) in increasing order.",
        what_da="En værdi i niveauet {name!r} hører også til et tidligere niveau, eller niveauerne står "
        "ikke i rækkefølge.",
        fix_da="Skriv niveauer uden overlap; intervaller `[from, until)` i stigende orden.",
    ),
    "document-banding-range": Entry(
        "The range of the level {name!r} is empty.",
        "Write from < until.",
        what_da="Intervallet for niveauet {name!r} er tomt.",
        fix_da="Skriv `from` < `until`.",
    ),
    "document-banding-unreachable": Entry(
        "No total can reach the level {name!r}.",
        "Totals are at least 0; remove the level or raise the clip.",
        what_da="Ingen total kan nå niveauet {name!r}.",
        fix_da="Totaler er mindst 0; fjern niveauet, eller hæv `clip`.",
    ),
    "document-level-reserved": Entry(
        "{name!r} is a level that the protocol itself makes.",
        "Choose another name for the level.",
        what_da="{name!r} er et niveau, som protokollen selv danner.",
        fix_da="Vælg et andet navn til niveauet.",
    ),
    "document-level-values": Entry(
        "The level {name!r} lists values, but totals and intervals are banded by ranges.",
        "Write from and until.",
        what_da="Niveauet {name!r} opregner værdier, men totaler og intervaller inddeles efter grænser.",
        fix_da="Skriv `from` og `until`.",
    ),
    "document-level-both": Entry(
        "The level {name!r} has listed values and a range.",
        "Write one of the two, or make two levels.",
        what_da="Niveauet {name!r} har både opregnede værdier og et interval.",
        fix_da="Skriv det ene, eller lav to niveauer.",
    ),
    "document-level-empty": Entry(
        "The level {name!r} has neither values nor a range.",
        "Write values, or from and until, or name it as the banding's 'other'.",
        what_da="Niveauet {name!r} har hverken værdier eller et interval.",
        fix_da="Skriv værdier, eller `from` og `until`, eller gør det til inddelingens 'other'.",
    ),
    "document-clause-kind": Entry(
        "{name!r} is no category or total, so a target group can't ask for it.",
        "Use a category, or a total that is evaluated at one sector.",
        what_da="{name!r} er hverken kategori eller total, så en målgruppe kan ikke spørge om den.",
        fix_da="Brug en kategori eller en total, der beregnes i én sektor.",
    ),
    "document-clause-sector": Entry(
        "The sector {sector!r} doesn't supply the variable {name!r}.",
        "Put the clause into a part of a sector that supplies it.",
        what_da="Sektoren {sector!r} leverer ikke variablen {name!r}.",
        fix_da="Flyt betingelsen til en del for en sektor, der leverer den.",
    ),
    "document-sector-unserved": Entry(
        "No node in question serves the sector {sector!r}.",
        "Leave out what comes from it, or ask nodes that serve it.",
        what_da="Ingen af de pågældende noder dækker sektoren {sector!r}.",
        fix_da="Udelad det, der kommer derfra, eller spørg noder, der dækker den.",
    ),
    "document-figures-share": Entry(
        "The shares of {name!r} add up to more than 1.",
        "Write shares of the citizens known to the variable's sectors; what is missing to 1 has no value.",
        what_da="Andelene for {name!r} giver tilsammen mere end 1.",
        fix_da="Skriv andele af de borgere, som variablens sektorer kender; resten op til 1 har ingen værdi.",
    ),
    "document-figures-sector": Entry(
        "The sector {sector!r} knows more citizens than there are.",
        "Correct the number, or `citizens` of the same figures.",
        what_da="Sektoren {sector!r} kender flere borgere, end der er.",
        fix_da="Ret antallet, eller `citizens` i de samme tal.",
    ),
}
