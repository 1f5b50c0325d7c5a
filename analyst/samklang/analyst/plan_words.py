"""The words of a printed plan, in both languages with the same fields."""

from __future__ import annotations

from typing import Final

from samklang.errors import Language

_ENGLISH: Final[dict[str, str]] = {
    "yes": "Can be asked: all {n} nodes would take part.",
    "no": "Can't be asked as it is: {nodes}.",
    "stored": "Its answer is in the store (computed {at}): asked now, it costs nothing.",
    "deny": "no",
    "permit": "yes",
    "pending": "needs approval",
    "absent": "not there",
    "silent": "no answer",
    "answer": "The answer",
    "cells": "{released} cells, made of {opened} that two partners open with noise; counts ± {half} (95 %), "
    "shown from {shown_from}",
    "margin": "margin: {cells} cells, counts ± {half}",
    "expected": "Expected, from public figures",
    "citizens": "{citizens} citizens, {shown} of them in cells shown ({cells} of {released} cells)",
    "within": "{within} of them in cells known within ± {percent} %; the middle citizen's cell: "
    "{typical} ± {half}",
    "sum": "{name}: a cell's sum ± {sum} {unit}",
    "mean": "; mean in that cell {mean}± {half}, differences from {least} on are found",
    "detectable": "two cells' difference is found 8 times in 10 from {count} citizens on "
    "({share} of the middle citizen's cell)",
    "least": "fewer than {least} citizens are seldom shown: every table's rule",
    "least_of": "fewer than {least} citizens are seldom shown: the rule of {nodes}",
    "secondary": "no hidden cell follows from others by subtraction: the rule of {nodes}",
    "crowded": "Many cells for so few citizens: a coarser question is known better.",
    "nothing": "Not estimated: the codebook has no public figures.",
    "unknown": "Not estimated: the codebook has no figures of {names}.",
    "borrowed": "Figures of the whole population, not of the target group: {names}.",
    "cost": "Cost: epsilon {epsilon} (delta {delta}), {rho} rho for each attempt",
    "cost-anew": "Cost if computed anew: epsilon {epsilon} (delta {delta}), {rho} rho for each attempt",
    "left": "queries of this kind left",
    "month": "this month",
    "year": "this year",
    "lifetime": "in all",
    "accounts": "Rho is what epsilon and delta come to in the unit of the nodes' accounts, in which prices "
    "of several answers add up. “In all” is what no new month or year fills again.",
    "computes": "computes only, pays nothing",
    "would": "would permit",
    "grants": "{nodes} would let you ask for the purpose {purposes}",
    "out": "without {old} ({place})",
    "set": "{place}: {new}",
    "instead": "{new} instead of {old} ({place})",
    "coarser": "Coarser questions that are known better",
    "coarse": "{cells} cells, {shown} shown, {within} within ± {percent} %",
    "effort": "About {seconds} s and {megabytes} MB through the coordinator (two cores, fast network).",
    "end": "Nothing was charged, nobody's data were touched. Estimates take axes and sectors as independent.",
    "source": "Figures: {source}",
}
_DANISH: Final[dict[str, str]] = {
    "yes": "Kan stilles: alle {n} noder ville deltage.",
    "no": "Kan ikke stilles, som det er: {nodes}.",
    "stored": "Svaret ligger i lageret (beregnet {at}): spørges der nu, koster det intet.",
    "deny": "nej",
    "permit": "ja",
    "pending": "kræver godkendelse",
    "absent": "ikke til stede",
    "silent": "intet svar",
    "answer": "Svaret",
    "cells": "{released} celler, dannet af {opened}, som to parter åbner med støj; antal ± {half} (95 %), "
    "vises fra {shown_from}",
    "margin": "marginaltabel: {cells} celler, antal ± {half}",
    "expected": "Forventet ud fra offentlige tal",
    "citizens": "{citizens} borgere, {shown} af dem i viste celler ({cells} af {released} celler)",
    "within": "{within} af dem i celler kendt inden for ± {percent} %; den midterste borgers celle: "
    "{typical} ± {half}",
    "sum": "{name}: en celles sum ± {sum} {unit}",
    "mean": "; gennemsnit i den celle {mean}± {half}, forskelle fra {least} findes",
    "detectable": "forskelle mellem to celler findes i 8 af 10 fra {count} borgere "
    "({share} af den midterste borgers celle)",
    "least": "færre end {least} borgere vises sjældent: reglen for alle tabeller",
    "least_of": "færre end {least} borgere vises sjældent: reglen hos {nodes}",
    "secondary": "ingen skjult celle kan regnes ud fra andre: reglen hos {nodes}",
    "crowded": "Mange celler til så få borgere: et grovere spørgsmål besvares bedre.",
    "nothing": "Ikke anslået: kodebogen har ingen offentlige tal.",
    "unknown": "Ikke anslået: kodebogen har ingen tal for {names}.",
    "borrowed": "Tal for hele befolkningen, ikke for målgruppen: {names}.",
    "cost": "Pris: epsilon {epsilon} (delta {delta}), {rho} rho for hvert forsøg",
    "cost-anew": "Pris, hvis beregnet på ny: epsilon {epsilon} (delta {delta}), {rho} rho for hvert forsøg",
    "left": "forespørgsler af denne slags tilbage",
    "month": "denne måned",
    "year": "dette år",
    "lifetime": "i alt",
    "accounts": "Rho er epsilon og delta omregnet til den enhed, nodernes privatlivsbudgetter føres i, og "
    "som flere svars priser kan lægges sammen i. »I alt« er det, som ingen ny måned og intet nyt år fylder "
    "op.",
    "computes": "deltager kun i beregningen, betaler intet",
    "would": "ville tillade",
    "grants": "{nodes} lader dig spørge til formålet {purposes}",
    "out": "uden {old} ({place})",
    "set": "{place}: {new}",
    "instead": "{new} i stedet for {old} ({place})",
    "coarser": "Grovere spørgsmål, der besvares bedre",
    "coarse": "{cells} celler, {shown} vises, {within} inden for ± {percent} %",
    "effort": "Cirka {seconds} s og {megabytes} MB gennem koordinatoren (to kerner, hurtigt net).",
    "end": "Intet er trukket på budgettet, ingens data er rørt. Anslået med uafhængige akser og sektorer.",
    "source": "Tal: {source}",
}
WORDS: Final[dict[Language, dict[str, str]]] = {"en": _ENGLISH, "da": _DANISH}
