"""The words in which rules are told to people, in English and Danish.

The English text is its own id, as in the command line's catalogue; :data:`DANISH` has the Danish with the same
fields. A test finds what is said and not listed, and listed and not said.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from samklang.errors import Language

__all__ = ["DANISH", "listed", "number", "say"]

DANISH: Final[dict[str, str]] = {
    # lists
    " and ": " og ",
    " or ": " eller ",
    "nobody": "ingen",
    # the document
    "What {node} answers, and to whom": "Hvad {node} svarer på, og hvem der får svar",
    "Policy {policy}, version {version}, holds from {first} to {last}, both days included.": (
        "Politikken {policy}, version {version}, gælder fra {first} til {last}, begge dage med."
    ),
    "Controllers: {names}.": "Dataansvarlige: {names}.",
    "{name} takes part from {first} to {last}; on other days nothing is answered.": (
        "{name} deltager fra {first} til {last}; på andre dage svares der ikke på noget."
    ),
    "Everything that isn't said here is refused. Nothing is answered with a list of citizens or a record.": (
        "Alt, der ikke står her, afvises. Intet besvares med en liste over borgere eller en journal."
    ),
    "Everything that isn't said here is refused.": "Alt, der ikke står her, afvises.",
    "Stricter than the policy says, because the federation's floor is: {clauses}.": (
        "Strengere, end politikken siger, fordi føderationens fælles mindstekrav er det: {clauses}."
    ),
    # a grant
    "Who may ask: {who}.": "Hvem må spørge: {who}.",
    "{role} at {organisations}": "{role} hos {organisations}",
    "{role} at {organisations}, with a treatment relation to every citizen": (
        "{role} hos {organisations}, med behandlingsrelation til hver borger"
    ),
    "Nobody can ask under this grant: its people don't exist.": (
        "Ingen kan spørge under denne tilladelse: dens personkreds findes ikke."
    ),
    "The answer goes to whoever asks, or to {organisations}.": (
        "Svaret går til den, der spørger, eller til {organisations}."
    ),
    "For which purpose: {purpose} ({family}).": "Til hvilket formål: {purpose} ({family}).",
    "On which basis: {articles}; decision on file: {decision}.": (
        "På hvilket grundlag: {articles}; beslutning på sagen: {decision}."
    ),
    "That this basis holds is an assumption: no lawyer has confirmed it.": (
        "At hjemlen holder, er en antagelse: ingen jurist har bekræftet den."
    ),
    "The basis has been confirmed by {name}.": "Hjemlen er bekræftet af {name}.",
    "What may be done: {operations}.": "Hvad må gøres: {operations}.",
    "About whom: {groups}.": "Om hvem: {groups}.",
    "everybody in the data": "alle i data",
    "Only together with data of {every}.": "Kun sammen med data fra {every}.",
    "Only together with data of {some}.": "Kun sammen med data fra {some}.",
    "Only together with data of {every}, and of {some}.": "Kun sammen med data fra {every} og fra {some}.",
    "In which detail, in tables that others' data are part of:": (
        "Hvor detaljeret, i tabeller, som andres data indgår i:"
    ),
    "Of these, also in tables of this node alone: {names}.": (
        "Heraf også i tabeller fra denne node alene: {names}."
    ),
    "{label} ({name}): {levels}": "{label} ({name}): {levels}",
    "{label} ({name}): sum or count per cell, each citizen between {low} and {high} {unit}": (
        "{label} ({name}): sum eller antal pr. celle, hver borger mellem {low} og {high} {unit}"
    ),
    "whether {label} knows the citizen ({name})": "om {label} kender borgeren ({name})",
    "Listed, but closed by a rule, and so refused: {names}.": (
        "Nævnt, men lukket af en regel, og afvises derfor: {names}."
    ),
    "At most {axes} axes in a table.": "Højst {axes} akser i en tabel.",
    "Counts below {count} are not shown.": "Antal under {count} vises ikke.",
    "Nor is a hidden cell shown that could be found by subtraction.": (
        "Heller ikke en skjult celle, der kunne findes ved fratrækning."
    ),
    "What it may cost: epsilon {query} for one question, {month} in a month, {year} in a year, {lifetime} "
    "altogether (delta {delta}).": (
        "Hvad det må koste: epsilon {query} for ét spørgsmål, {month} på en måned, {year} på et år, {lifetime} "
        "i alt (delta {delta})."
    ),
    "What it may cost: epsilon {query} for one question, {month} in a month, {year} in a year (delta {delta}).": (
        "Hvad det må koste: epsilon {query} for ét spørgsmål, {month} på en måned, {year} på et år "
        "(delta {delta})."
    ),
    "Consent: everybody takes part but those who have objected ({registers}).": (
        "Samtykke: alle deltager undtagen dem, der har sagt fra ({registers})."
    ),
    "Consent: only those take part who have consented ({registers}), and nobody who has objected.": (
        "Samtykke: kun de, der har givet samtykke ({registers}), deltager, og ingen, der har sagt fra."
    ),
    "Consent: the law asks for none; whoever is in a register of objections is left out all the same.": (
        "Samtykke: loven kræver intet; den, der står i et register over indsigelser, udelades alligevel."
    ),
    "Approval: nobody has to; the policy decides.": "Godkendelse: ingen skal; politikken afgør.",
    "Approval: the policy decides, but one person ({roles}) has to approve if {conditions}; waits {hours} "
    "hours at most.": (
        "Godkendelse: politikken afgør, men én person ({roles}) skal godkende, hvis {conditions}; venter højst "
        "{hours} timer."
    ),
    "Approval: one person ({roles}) approves every question; waits {hours} hours at most.": (
        "Godkendelse: én person ({roles}) godkender hvert spørgsmål; venter højst {hours} timer."
    ),
    "Approval: two persons in different roles ({roles}) approve every question; waits {hours} hours at most.": (
        "Godkendelse: to personer i forskellige roller ({roles}) godkender hvert spørgsmål; venter højst "
        "{hours} timer."
    ),
    "nobody here has approved the form of the question before": (
        "ingen her før har godkendt spørgsmålets form"
    ),
    "the table has more than 200 cells": "tabellen har mere end 200 celler",
    "it costs more than epsilon 1 at delta 1e-8": "det koster mere end epsilon 1 ved delta 1e-8",
    "Kept: releases {release}, audit entries {audit}.": "Opbevares: svar {release}, revisionsspor {audit}.",
    "Persons are returned to {node}, at most {persons}, by the rule {rule} alone.": (
        "Personer sendes tilbage til {node}, højst {persons}, og kun efter reglen {rule}."
    ),
    # what can be learned
    "What exactly can they learn?": "Hvad kan de præcist få at vide?",
    "Tables of counts and sums, with noise, of groups: never a name, a CPR number or a citizen's row.": (
        "Tabeller med antal og summer, med støj, for grupper: aldrig et navn, et CPR-nummer eller en borgers "
        "række."
    ),
    "Which of its own citizens meet the rule, by name and no noise: at {node}, at most {persons}.": (
        "Hvilke af dens egne borgere reglen passer på, ved navn og uden støj: hos {node}, højst {persons}."
    ),
    "About one citizen, one answer of epsilon {query} changes the odds of any guess by a factor of {factor} at "
    "most, whatever else is known; all answers of a year together by {year_factor} (and, with a probability of "
    "about {delta} an answer, this may fail).": (
        "Om én borger ændrer ét svar med epsilon {query} oddsene for ethvert gæt med højst en faktor {factor}, "
        "uanset hvad der ellers vides; alle et års svar tilsammen med {year_factor} (og med en sandsynlighed "
        "på omkring {delta} pr. svar kan dette svigte)."
    ),
    "Not prevented: what is true of a group stays true of its members, also of those who have objected.": (
        "Forhindres ikke: hvad der gælder for en gruppe, gælder fortsat for dens medlemmer, også dem, der har "
        "sagt fra."
    ),
    "Not prevented: two of the three compute parties that break the protocol together can see more.": (
        "Forhindres ikke: to af de tre beregningsparter, der sammen bryder protokollen, kan se mere."
    ),
    # prohibitions
    "Whatever is granted, it is forbidden:": "Uanset hvad der er tilladt, er det forbudt:",
    "that what was asked for {asked} purposes leads to {leads_to}": (
        "at det, der er spurgt om til formål af typen {asked}, fører til {leads_to}"
    ),
    "under purposes of the kind {families}": "til formål af typen {families}",
    "to {organisations}": "for {organisations}",
    "to do this: {operations}": "at gøre dette: {operations}",
    "to ask about {groups}": "at spørge om {groups}",
    "to use {names}": "at bruge {names}",
    "(because: {why})": "(fordi: {why})",
    "that persons are returned for anything but care, or that statistics lead to anything but statistics; no "
    "policy can change this (DBL § 10)": (
        "at personer sendes tilbage til andet end behandling, eller at statistik fører til andet end "
        "statistik; ingen politik kan ændre det (DBL § 10)"
    ),
    "Never used in an answer, whatever is granted: {names}.": (
        "Indgår aldrig i et svar, uanset hvad der er tilladt: {names}."
    ),
    # words for names
    "statistical": "statistisk",
    "care": "behandling",
    "quality": "kvalitet",
    "tables by several characteristics": "tabeller efter flere kendetegn",
    "points summed over partners": "point lagt sammen på tværs af parter",
    "time between events in different sectors": "tid mellem hændelser i forskellige sektorer",
    "a comparison of periods and areas": "sammenligning af perioder og områder",
    "return of persons for treatment": "tilbagesendelse af personer til behandling",
    # a change
    "{who} may now ask under {purpose}: {how}": "{who} må nu spørge under {purpose}: {how}",
    "{who} may no longer ask under {purpose}: {how}": "{who} må ikke længere spørge under {purpose}: {how}",
    "a new purpose": "et nyt formål",
    "the purpose is gone": "formålet er væk",
    "{operations}, about {groups}, for {recipients}": "{operations}, om {groups}, til {recipients}",
    "(whoever asks)": "(den, der spørger)",
    "{name} may now be used": "{name} må nu bruges",
    "{name} may no longer be used": "{name} må ikke længere bruges",
    "{name} may now be shown alone": "{name} må nu vises alene",
    "{name} may no longer be shown alone": "{name} må ikke længere vises alene",
    "tables together with others are now permitted": "tabeller sammen med andre er nu tilladt",
    "tables together with others are no longer permitted": "tabeller sammen med andre er ikke længere tilladt",
    "tables of this node alone are now permitted": "tabeller fra denne node alene er nu tilladt",
    "tables of this node alone are no longer permitted": (
        "tabeller fra denne node alene er ikke længere tilladt"
    ),
    "must be joined with {new} (before: {old})": "skal være sammen med {new} (før: {old})",
    "{what}: {new} (before: {old})": "{what}: {new} (før: {old})",
    "most axes": "højst antal akser",
    "privacy budget of one question, epsilon": "privatlivsbudget for ét spørgsmål, epsilon",
    "privacy budget of a month, epsilon": "privatlivsbudget for en måned, epsilon",
    "privacy budget of a year, epsilon": "privatlivsbudget for et år, epsilon",
    "privacy budget altogether, epsilon": "privatlivsbudget i alt, epsilon",
    "days": "dage",
    "rule and receiver of persons": "regel og modtager af personer",
    "most persons": "højst antal personer",
    "when a person has to approve": "hvornår en person skal godkende",
    "how many persons approve": "hvor mange personer der godkender",
    "who approves": "hvem der godkender",
    "how long an approval is waited for": "hvor længe en godkendelse ventes på",
    "smallest count shown": "mindste antal, der vises",
    "hidden cells protected from subtraction": "skjulte celler beskyttet mod fratrækning",
    "consent": "samtykke",
    "a question that differs in few citizens from an answered one": (
        "et spørgsmål, der adskiller sig med få borgere fra et besvaret"
    ),
    "how few citizens are too few for a difference": "hvor få borgere en forskel mindst skal omfatte",
    "A question that differs from an answered one in fewer than {least} citizens, by public figures, is refused.": (
        "Et spørgsmål, der efter offentlige tal adskiller sig fra et besvaret med færre end {least} borgere, "
        "afvises."
    ),
    "A question that differs from an answered one in fewer than {least} citizens, by public figures, waits for "
    "a person's approval.": (
        "Et spørgsmål, der efter offentlige tal adskiller sig fra et besvaret med færre end {least} borgere, "
        "venter på en persons godkendelse."
    ),
    "Nor is it looked at whether a question differs from an answered one in few citizens.": (
        "Det undersøges ikke, om et spørgsmål adskiller sig fra et besvaret med få borgere."
    ),
    "releases are kept": "svar opbevares",
    "audit entries are kept": "revisionsspor opbevares",
    "in every case": "i alle tilfælde",
    "only for: {scope}": "kun for: {scope}",
    "no limit": "ingen grænse",
    "yes": "ja",
    "no": "nej",
}
"""English to Danish."""


def say(lang: Language, text: str, **values: object) -> str:
    """``text`` in ``lang`` with its fields filled."""
    return (DANISH[text] if lang == "da" else text).format(**values)


def listed(lang: Language, names: Iterable[str], *, last: str = " and ") -> str:
    """``a, b and c``."""
    found = list(names)
    if not found:
        return say(lang, "nobody")
    return say(lang, last).join(filter(None, [", ".join(found[:-1]), found[-1]]))


def number(value: Decimal) -> str:
    """Without trailing zeros or an exponent, but for very small ones."""
    return (
        f"{value.normalize():f}"
        if value >= Decimal("0.001")
        else f"{value.normalize():e}".replace("e-0", "e-")
    )
