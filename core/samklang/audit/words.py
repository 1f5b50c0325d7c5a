"""The words of reports and tables, English and Danish, for readers who aren't programmers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from samklang.errors import CATALOGUE, Language

__all__ = ["DECISIONS", "DETAILS", "KINDS", "TEXTS", "basis", "family", "reason", "say", "word"]

KINDS: Final[dict[str, tuple[str, str]]] = {
    "started": ("The node was started", "Noden blev startet"),
    "snapshot": ("Data were frozen into a snapshot", "Data blev fastfrosset i et øjebliksbillede"),
    "asked": ("A query was decided about", "En forespørgsel blev afgjort"),
    "approval-requested": ("Approval was asked for", "Der blev bedt om godkendelse"),
    "approved": ("A person approved", "En person godkendte"),
    "rejected": ("A person rejected", "En person afviste"),
    "withdrawn": ("An approval was withdrawn", "En godkendelse blev trukket tilbage"),
    "charged": ("The privacy budget was charged", "Der blev trukket på privatlivsbudgettet"),
    "released": ("A result was released", "Et resultat blev udleveret"),
    "served": ("A stored result was released again", "Et gemt resultat blev udleveret igen"),
    "policy-changed": ("The policy was changed", "Politikken blev ændret"),
    "pruned": ("Details were deleted", "Detaljer blev slettet"),
    "witness-refused": ("A partner's log was refused", "En partners log blev afvist"),
    "witness-reset": ("A partner's log may begin anew", "En partners log må begynde forfra"),
}

DECISIONS: Final[dict[str, tuple[str, str]]] = {
    "permit": ("permitted", "imødekommet"),
    "pending": ("awaiting approval", "afventer godkendelse"),
    "deny": ("denied", "afvist"),
}

DETAILS: Final[dict[str, tuple[str, str]]] = {
    "version": ("version", "version"),
    "loaded_at": ("data read", "data læst"),
    "due": ("planned for", "planlagt til"),
    "controllers": ("rows of", "rækker fra"),
    "shown": ("shown", "vist"),
    "cosigned": ("seen before", "set før"),
    "unknown": ("unknown", "ukendt"),
    "id": ("policy", "politik"),
    "before": ("before", "før"),
    "entries": ("entries", "poster"),
    "first": ("from no.", "fra nr."),
    "last": ("to no.", "til nr."),
    "why": ("because", "fordi"),
    "fields": ("fields", "felter"),
    "log": ("log", "log"),
    "recovered": ("entered later", "registreret senere"),
    "retention ended": ("their retention ended", "opbevaringen ophørte"),
    "erasure": ("somebody asked for erasure", "der blev bedt om sletning"),
    "unkept": ("the query isn't kept", "forespørgslen er ikke gemt"),
    "number": ("something in its text looks like a CPR number", "noget i teksten ligner et CPR-nummer"),
    "size": ("it is too long", "den er for lang"),
    "from the ledger": ("from the ledger", "fra budgetregnskabet"),
}
"""Names and fixed values of details."""

_FAMILIES: Final[dict[str, tuple[str, str]]] = {
    "statistical": ("statistics", "statistik"),
    "care": ("care of the citizen", "behandling og omsorg"),
    "quality": ("quality of care", "kvalitet"),
}

TEXTS: Final[dict[str, str]] = {
    "Audit log": "Revisionslog",
    "{node} in the federation {federation}": "{node} i føderationen {federation}",
    "From {first} to {last}": "Fra {first} til {last}",
    "Nothing has happened yet": "Der er ikke sket noget endnu",
    "Report made {at}": "Rapporten er dannet {at}",
    "Times are those of Denmark (Europe/Copenhagen), each with its distance to UTC.": (
        "Tidspunkter er dansk tid (Europe/Copenhagen), hvert med sin afstand til UTC."
    ),
    "queries decided about": "forespørgsler afgjort",
    "permitted": "imødekommet",
    "denied": "afvist",
    "results released": "resultater udleveret",
    "of the privacy budget used": "af privatlivsbudgettet brugt",
    "partners' logs refused": "partneres logge afvist",
    "How you can tell that nothing was changed": "Sådan kan man se, at intet er ændret",
    "Each of the log's {size} entries is bound into one number, the log's fingerprint. If a single entry "
    "were altered, removed or moved, the fingerprint would be another one. The node signs it, and the "
    "partners' nodes sign that they have seen it, so it can't be replaced afterwards.": (
        "Hver af loggens {size} poster indgår i ét tal, loggens fingeraftryk. Blev en eneste post ændret, "
        "fjernet eller flyttet, ville fingeraftrykket blive et andet. Noden underskriver det, og partnernes "
        "noder underskriver, at de har set det, så det kan ikke skiftes ud bagefter."
    ),
    "Every entry of this report was checked against the fingerprint when the report was made.": (
        "Hver post i rapporten er kontrolleret mod fingeraftrykket, da rapporten blev dannet."
    ),
    "Fingerprint": "Fingeraftryk",
    "Entries": "Poster",
    "Log": "Log",
    "Seen and signed by": "Set og underskrevet af",
    "{witness}, when the log had {size} entries, {at}": "{witness}, da loggen havde {size} poster, {at}",
    "no partner yet": "ingen partner endnu",
    "This page by itself proves nothing: anybody can make it from the log, which is checked then without "
    "trusting the node: {command}": (
        "Siden selv beviser intet: enhver kan lave den af loggen, som så bliver kontrolleret, uden at man "
        "skal stole på noden: {command}"
    ),
    "In short": "Kort sagt",
    "All {count} entries hold.": "Alle {count} poster holder.",
    "There is nothing to act on.": "Der er intet, nogen skal gøre.",
    "Partners' logs that this node has refused: {count}. Find out why.": (
        "Partneres logge, som noden har afvist: {count}. Find ud af hvorfor."
    ),
    "Results on record that no partner has seen: {count}. Ask the partners.": (
        "Resultater i loggen, som ingen partner har set: {count}. Spørg partnerne."
    ),
    "Queries that wait for a person: {count}.": "Forespørgsler, der venter på en person: {count}.",
    "Newest entries that no partner has seen yet, and the node alone vouches for: {count}.": (
        "Nyeste poster, som ingen partner har set endnu, og som noden alene står inde for: {count}."
    ),
    "What was asked, and what was answered": "Hvad der er spurgt om, og hvad der er svaret",
    "No queries.": "Ingen forespørgsler.",
    "Asked by": "Spurgt af",
    "Purpose": "Formål",
    "Legal basis": "Hjemmel",
    "Data used": "Oplysninger brugt",
    "Data asked for": "Oplysninger spurgt om",
    "Together with": "Sammen med",
    "Decision": "Afgørelse",
    "Reasons": "Begrundelse",
    "the policy: {clause}": "politikken: {clause}",
    "the policy: {clause}, in the grant {grant}": "politikken: {clause}, i tilladelsen {grant}",
    "Earlier question": "Tidligere spørgsmål",
    "differs in {where} alone; citizens between the two, by public figures: {citizens}": (
        "adskiller sig kun i {where}; borgere mellem de to, efter offentlige tal: {citizens}"
    ),
    "Approved by": "Godkendt af",
    "Rejected by": "Afvist af",
    "Taken back by": "Trukket tilbage af",
    "Privacy budget": "Privatlivsbudget",
    "Released to": "Udleveret til",
    "not released": "ikke udleveret",
    "nothing was charged": "intet trukket",
    "only computes; none of its own records": "kun beregning; ingen egne oplysninger",
    "target group {group}": "målgruppe {group}",
    "everybody": "alle",
    "again from the store, {at}": "igen fra lageret, {at}",
    "attempt {attempt}": "forsøg {attempt}",
    "deleted": "slettet",
    "Everything else that happened": "Alt andet, der er sket",
    "When": "Hvornår",
    "What": "Hvad",
    "Who": "Hvem",
    "No.": "Nr.",
    "Details of {count} entries were deleted when their retention ended. That they were there, and in which "
    "order, can still be verified.": (
        "Detaljer i {count} poster blev slettet, da opbevaringen ophørte. At de har været der, og i hvilken "
        "rækkefølge, kan stadig efterprøves."
    ),
    "The log holds no CPR number and no figure about any citizen.": (
        "Loggen indeholder hverken CPR-numre eller oplysninger om nogen borger."
    ),
    "What was asked": "Hvad der blev spurgt om",
    "Title": "Titel",
    "In the analyst's words": "Med analytikerens ord",
    "About": "Om",
    "By": "Fordelt på",
    "Only": "Kun",
    "Summed": "Lagt sammen",
    "Margin by": "Marginaltabel fordelt på",
    "Released only": "Kun udleveret",
    "Period": "Periode",
    "Price": "Pris",
    "To be released to": "Skal udleveres til",
    "Nodes": "Noder",
    "At most": "Højst",
    "{attempts} attempts": "{attempts} forsøg",
    "{first} to {last}, states as of {as_of}": "{first} til {last}, tilstande pr. {as_of}",
    "by {axes}": "fordelt på {axes}",
    "known at {sector} or not": "kendt i {sector} eller ej",
    " or ": " eller ",
    "{name} is {levels}": "{name} er {levels}",
    "how many have a value for {name}": "hvor mange der har en værdi for {name}",
    "the sum of {name}": "summen af {name}",
    "the sum of {name} ({low} to {high} {unit} of each)": (
        "summen af {name} ({low} til {high} {unit} for hver)"
    ),
    "number": "nummer",
    "at": "tidspunkt",
    "kind": "hændelse",
    "who": "hvem",
    "purpose": "formål",
    "decision": "afgørelse",
    "query": "forespørgsel",
    "unknown": "ukendt",
}
"""English to Danish."""


def say(lang: Language, english: str, **values: object) -> str:
    """``english``, a text of :data:`TEXTS`, in ``lang`` with its fields filled."""
    return (TEXTS[english] if lang == "da" else english).format(**values)


def word(lang: Language, found: Mapping[str, tuple[str, str]], key: str) -> str:
    """A word of one of the tables; what isn't there stays as it is."""
    return found.get(key, (key, key))[lang == "da"]


def basis(lang: Language, text: str) -> str:
    """``art6-1-e`` as lawyers write it; a paragraph of Danish law or a case number stays."""
    found = re.fullmatch(r"art(\d+)-(\d+)-([a-z])", text)
    if not found:
        return text
    article, paragraph, letter = found.groups()
    if lang == "da":
        return f"databeskyttelsesforordningens artikel {article}, stk. {paragraph}, litra {letter}"
    return f"GDPR art. {article}({paragraph})({letter})"


def family(lang: Language, purpose: str) -> str:
    """``statistical/plan-care`` as people read it."""
    kind, _, name = purpose.partition("/")
    return f"{word(lang, _FAMILIES, kind)} ({name})" if name else word(lang, _FAMILIES, kind)


def reason(lang: Language, code: str, params: Mapping[str, str] | None = None) -> str:
    """What a reason says; ``…`` for a name or number of it that isn't on record."""
    entry = CATALOGUE.get(code)
    if entry is None:
        return code
    return entry.text(_Said(params or {}), lang)[0]


class _Unsaid(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class _Said(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return _Unsaid("…")
