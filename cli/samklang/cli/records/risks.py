"""Risks that remain, as the threat model has them, in the words of a controller.

``anchor`` is a heading of ``docs/threat-model.md``; a test checks that it is there. A risk is listed where
it applies to the federation at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from samklang.cli.records.facts import Facts
from samklang.errors import Language

__all__ = ["RISKS", "Risk"]


@dataclass(frozen=True)
class Risk:
    """What can happen, what stands against it, where to read more, and when it applies."""

    id: str
    risk: dict[Language, str]
    answer: dict[Language, str]
    anchor: str
    applies: Callable[[Facts], bool] = lambda _: True


def _coordinator_computes(facts: Facts) -> bool:
    return facts.manifest.coordinator.id in facts.manifest.compute_parties


RISKS: Final = (
    Risk(
        "two-together",
        {
            "en": "Two of the three compute parties break the rules together and read everybody's data.",
            "da": "To af de tre beregningsparter bryder reglerne sammen og læser alles oplysninger.",
        },
        {
            "en": "They belong to different organisations, are bound by agreement, and run checked software.",
            "da": "De hører til hver sin organisation, er bundet af aftale og kører kontrolleret software.",
        },
        "two-parties-together",
    ),
    Risk(
        "coordinator-computes",
        {
            "en": "The coordinator is a compute party: with one node's help it could read the other's data.",
            "da": "Koordinatoren er beregningspart: med én nodes hjælp kunne den læse den andens "
            "oplysninger.",
        },
        {
            "en": "A third node of another organisation takes its place as soon as there is one.",
            "da": "En tredje node fra en anden organisation overtager pladsen, så snart der er en.",
        },
        "two-parties-together",
        _coordinator_computes,
    ),
    Risk(
        "opening-party",
        {
            "en": "A compute party that opens cells breaks the rules alone and reads exact numbers, or "
            "what is known of a few citizens whom it picks.",
            "da": "En beregningspart, der åbner celler, bryder reglerne alene og læser eksakte tal, eller "
            "hvad man ved om nogle få borgere, som den vælger.",
        },
        {
            "en": "The first is noticed, though only afterwards; failed attempts are logged and looked into.",
            "da": "Det første opdages, men først bagefter; mislykkede forsøg logges og undersøges.",
        },
        "what-a-single-party-that-breaks-the-rules-can-still-do",
    ),
    Risk(
        "made-up-rows",
        {
            "en": "A partner says untrue things of its own citizens; nobody can check it.",
            "da": "En partner siger noget usandt om egne borgere; ingen kan kontrollere det.",
        },
        {
            "en": "Each citizen's influence on a table is bounded; partners answer for their data by "
            "agreement.",
            "da": "Hver borgers indflydelse på en tabel er begrænset; partnerne svarer for deres data efter "
            "aftale.",
        },
        "a-node-or-compute-party-breaking-the-rules",
    ),
    Risk(
        "timing",
        {
            "en": "How long a computation takes says something about the numbers in it.",
            "da": "Hvor længe en beregning varer, siger noget om tallene i den.",
        },
        {
            "en": "Numbers of rows are padded with noise; times aren't hidden.",
            "da": "Antal rækker fyldes op med støj; tider skjules ikke.",
        },
        "limits-plainly",
    ),
    Risk(
        "groups",
        {
            "en": "What is true of a group becomes known of the group, also to those who belong to it.",
            "da": "Hvad der gælder for en gruppe, bliver kendt om gruppen, også for dem, der hører til den.",
        },
        {
            "en": "Noise protects the single citizen and not the group; purposes and people who may ask "
            "are limited.",
            "da": "Støj beskytter den enkelte og ikke gruppen; formål og de personer, der må "
            "spørge, er begrænset.",
        },
        "limits-plainly",
    ),
    Risk(
        "stolen-keys",
        {
            "en": "Somebody steals a node's or an analyst's key and asks, or agrees, in their name.",
            "da": "Nogen stjæler en nodes eller en analytikers nøgle og spørger eller godkender i deres "
            "navn.",
        },
        {
            "en": "Keys lie in files of the process alone; all that is asked and answered is in the log; a "
            "new manifest ends a key.",
            "da": "Nøgler ligger i filer, som kun processen kan læse; alt, der spørges og svares, står i "
            "loggen; et nyt manifest sætter en nøgle ud af kraft.",
        },
        "people-and-machines-around",
    ),
)
