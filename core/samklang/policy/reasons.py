"""Reasons: a stable code, both languages, what to do, and the clause that it comes from.

English stands in the error catalogue, Danish here, code by code with the same parameters. Parameters are
names and numbers of documents (query, policy, codebook): a reason never depends on data, so all of them
may be shown to whoever asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from samklang.errors import CATALOGUE, SamklangError
from samklang.policy.request import Place

__all__ = ["DANISH", "Reason"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not.

    Attributes:
        code: in the catalogue; stable.
        clause: where in the policy, from the top: ``("grants", 0, "max_axes")``.
        grant: the grant it is about; None if it is about the whole document or a prohibition.
        params: fill the texts.
    """

    code: str
    clause: Place
    grant: str | None = None
    params: tuple[tuple[str, str], ...] = field(default=())

    @property
    def english(self) -> tuple[str, str]:
        """(what happened, what to do)."""
        entry = CATALOGUE[self.code]
        values = dict(self.params)
        return entry.what.format(**values), entry.fix.format(**values)

    @property
    def danish(self) -> tuple[str, str]:
        """(hvad der skete, hvad man kan gøre)."""
        what, fix = DANISH[self.code]
        values = dict(self.params)
        return what.format(**values), fix.format(**values)

    def error(self) -> SamklangError:
        """The same as an error to raise."""
        values: dict[str, Any] = dict(self.params)
        return SamklangError(self.code, **values)


DANISH: dict[str, tuple[str, str]] = {
    "policy-not-valid": (
        "Politikken {policy} gælder fra {first} til {last}; i dag er det {today}.",
        "Den dataansvarlige skal underskrive en ny version med andre datoer.",
    ),
    "policy-other-node": (
        "Politikken {policy} hører til noden {written_for}, ikke til {node}.",
        "Ret nodens opsætning, så den peger på nodens egen politik.",
    ),
    "policy-unknown-name": (
        "Forespørgslen bruger {name!r}, som ikke findes i føderationens dokumenter.",
        "Brug navnene fra den kodebog og det manifest, som forespørgslen er underskrevet til.",
    ),
    "policy-purpose-unknown": (
        "Ingen tilladelse hos {node} er til formålet {purpose!r}.",
        "Angiv formålet fra en tilladelse, I har, eller bed den dataansvarlige om en.",
    ),
    "policy-who": (
        "Tilladelsen er ikke til rollen {role!r} hos {organisation!r}.",
        "Lad en, som tilladelsen nævner, spørge, eller få den dataansvarlige til at tilføje jer.",
    ),
    "policy-treatment-relation": (
        "Tilladelsen er kun til dem, der har borgeren i behandling, og det er ikke vist.",
        "Spørg under en tilladelse, der ikke kræver behandlingsrelation.",
    ),
    "policy-recipient": (
        "{recipient!r} må ikke modtage svaret under denne tilladelse.",
        "Lad den analytiker, der spørger, eller en organisation i tilladelsen være modtager.",
    ),
    "policy-purpose-family": (
        "Forespørgslens formål er af typen {asked!r}; tilladelsen er til {granted!r}.",
        "Spørg med den formålstype, som tilladelsens hjemmel gælder for.",
    ),
    "policy-operation": (
        "Operationen {operation!r} er ikke tilladt.",
        "Brug en af disse: {granted}.",
    ),
    "policy-target-group": (
        "Målgruppen {target_group!r} er ikke tilladt.",
        "Brug en af disse: {granted}.",
    ),
    "policy-variable-not-granted": (
        "{name!r} er ikke tilladt.",
        "Udelad den, brug en tilladt og grovere inddeling, eller bed den dataansvarlige om at tilføje den.",
    ),
    "policy-variable-closed": (
        "{name!r} har intet frigivelsesniveau i politikken og er derfor lukket.",
        "Den dataansvarlige skal skrive den under `variables` med et frigivelsesniveau.",
    ),
    "policy-release": (
        "{name!r} må højst frigives som {allowed!r}; forespørgslen kræver {needed!r}.",
        "Udelad den; eller, hvis den er `joint`, tag en anden parts data med.",
    ),
    "policy-clip": (
        "{name!r} summeres inden for [{low}, {high}], hvilket er mere, end politikken tillader.",
        "Kodebogens grænser skal ligge inden for [{allowed_low}, {allowed_high}].",
    ),
    "policy-axes": (
        "Forespørgslen har {axes} akser; tilladelsen giver {allowed}.",
        "Udelad akser, eller stil to spørgsmål.",
    ),
    "policy-joint-with": (
        "Tilladelsen er kun til tabeller, som {missing} bidrager til.",
        "Tag også den parts data med, og udelad ingen af dens noder.",
    ),
    "policy-epsilon": (
        "Forespørgslen koster epsilon {asked} ved delta {delta}; tilladelsen giver {allowed} ved "
        "{allowed_delta}.",
        "Spørg med en mindre epsilon.",
    ),
    "policy-prohibited": (
        "Forbuddet {prohibition!r} gælder: {why}",
        "Ingen tilladelse kan ophæve det; kun den dataansvarlige kan ændre forbuddet.",
    ),
    "policy-return": (
        "Personer må kun sendes tilbage til behandling, efter præcis den regel og til den node, som "
        "tilladelsen nævner.",
        "Spørg under en tilladelse til operationen `return` med egen hjemmel.",
    ),
    "policy-approval-needed": (
        "Der kræves godkendelse ({mode}) på grund af: {conditions}. Ingen har givet den.",
        "Godkendelser kan ikke gives endnu: hold jer til det, der er tilladt uden, eller spørg den "
        "dataansvarlige.",
    ),
    "policy-check-failed": (
        "Kontrollen {check!r} kunne ikke gennemføres, og det tæller som et nej.",
        "Meld det med forespørgslen og politikkens id og version.",
    ),
}
