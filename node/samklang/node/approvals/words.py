"""The words around a request, in English and Danish; the English is its own key."""

from __future__ import annotations

from typing import Final

from samklang.errors import Language

__all__ = ["DANISH", "say"]

DANISH: Final[dict[str, str]] = {
    # states
    "waiting": "venter",
    "approved": "godkendt",
    "rejected": "afvist",
    "expired": "udløbet",
    "changed": "bortfaldet, politikken er en anden nu",
    "ended": "slut, ingen venter længere",
    "void": "ugyldig, det registrerede kan ikke verificeres",
    # what is asked
    "Request {id}: {state}, until {until}": "Anmodning {id}: {state}, indtil {until}",
    "What is asked": "Hvad der spørges om",
    "The number of citizens by {axes}.": "Antal borgere efter {axes}.",
    "The number of citizens, and for them {measures}, by {axes}.": (
        "Antal borgere, og for dem {measures}, efter {axes}."
    ),
    "the sum of {name} ({unit}; {low} to {high} of each citizen)": (
        "summen af {name} ({unit}; {low} til {high} for hver borger)"
    ),
    "how many have a value for {name}": "hvor mange der har en værdi for {name}",
    "About: {group}": "Om: {group}",
    "everybody": "alle",
    "at least {number} of these sectors say so:": "mindst {number} af disse sektorer siger det:",
    "{sector}: whoever is known there": "{sector}: alle, der er kendt dér",
    "{sector}: {conditions}": "{sector}: {conditions}",
    "{label} is {levels}": "{label} er {levels}",
    "Only citizens for whom {conditions}": "Kun borgere, for hvem {conditions}",
    "Period: {first} to {last}; states as of {as_of}": "Periode: {first} til {last}; tilstande pr. {as_of}",
    "{label}: {levels}": "{label}: {levels}",
    "not released: {levels}": "udleveres ikke: {levels}",
    " and ": " og ",
    " or ": " eller ",
    # what leaves
    "What is answered": "Hvad der svares",
    "A table of {cells} cells. Two of the partners see {opened} cells on the way, with noise.": (
        "En tabel med {cells} celler. To af parterne ser {opened} celler undervejs, med støj."
    ),
    "Every count carries random noise: its standard deviation is {sd}, ± {half} in 95 of 100 cells.": (
        "Hvert antal har tilfældig støj: standardafvigelsen er {sd}, ± {half} i 95 af 100 celler."
    ),
    "Beside it a margin with numbers of its own: {cells} cells by {axes}, ± {half}.": (
        "Ved siden af en margin med egne tal: {cells} celler efter {axes}, ± {half}."
    ),
    "The sum of {name} in a cell carries noise with a standard deviation of {sd} {unit} at most.": (
        "Summen af {name} i en celle har støj med en standardafvigelse på højst {sd} {unit}."
    ),
    "A cell is shown from {shown_from} (with noise) on; one with fewer than {least} citizens passes in at "
    "most 1 of 100 cases.": (
        "En celle vises fra {shown_from} (med støj); en med færre end {least} borgere slipper igennem i "
        "højst 1 af 100 tilfælde."
    ),
    "Shown does not mean large: the smallest cell that can be behind a shown number has no citizen.": (
        "Vist betyder ikke stor: den mindste celle, der kan stå bag et vist tal, har ingen borger."
    ),
    "Of this node's records: {uses}": "Af denne nodes oplysninger: {uses}",
    "Together with data of: {partners}": "Sammen med data fra: {partners}",
    "With no other organisation's data.": "Uden andre organisationers data.",
    "No row and no exact number leaves the node readable.": (
        "Ingen række og intet nøjagtigt tal forlader noden i læsbar form."
    ),
    # who and why
    "Who asks, and who gets the answer": "Hvem der spørger, og hvem der får svaret",
    "{analyst} of {organisation}, in the role {role}": "{analyst} fra {organisation}, i rollen {role}",
    "The answer goes to: {recipients}": "Svaret går til: {recipients}",
    "For what, and on which basis": "Til hvad, og med hvilken hjemmel",
    "Purpose ({family}): {purpose}": "Formål ({family}): {purpose}",
    "In the analyst's words: {purpose}": "Med analytikerens ord: {purpose}",
    "Basis: {basis}": "Hjemmel: {basis}",
    "Grant {grant} of the policy {policy}, version {version}": (
        "Tilladelsen {grant} i politikken {policy}, version {version}"
    ),
    "Citizens who have objected in {registers} are left out before anything is computed.": (
        "Borgere, der har gjort indsigelse i {registers}, tages ud, før noget beregnes."
    ),
    "Only citizens who have consented in {registers} take part.": (
        "Kun borgere, der har givet samtykke i {registers}, er med."
    ),
    "No register of consents or objections applies.": (
        "Intet register over samtykker eller indsigelser gælder."
    ),
    "Kept: the answer {release}, the log's entry {audit}": (
        "Opbevares: svaret {release}, logindførslen {audit}"
    ),
    "statistical": "statistik",
    "care": "behandling og omsorg",
    "quality": "kvalitet",
    # cost
    "What it costs": "Hvad det koster",
    "epsilon {epsilon} (delta {delta}): {rho} rho for each attempt, at most {attempts} attempts": (
        "epsilon {epsilon} (delta {delta}): {rho} rho for hvert forsøg, højst {attempts} forsøg"
    ),
    "{period}: {before} rho left before, {after} after one attempt": (
        "{period}: {before} rho tilbage før, {after} efter ét forsøg"
    ),
    "this month": "i måneden",
    "this year": "i året",
    "altogether": "i alt",
    "What is left of the month is then epsilon {epsilon}.": (
        "Det, der er tilbage af måneden, er så epsilon {epsilon}."
    ),
    # who decides
    "Why a person decides": "Hvorfor en person afgør det",
    "To know before": "At vide forinden",
    "Who decides": "Hvem der afgør det",
    "one person with one of the roles {roles}": "én person med en af rollerne {roles}",
    "two persons, with different ones of the roles {roles}": (
        "to personer, med forskellige af rollerne {roles}"
    ),
    "two persons with the role {roles}": "to personer med rollen {roles}",
    "Nobody has said anything yet.": "Ingen har sagt noget endnu.",
    "{at}  {person} ({role}): yes": "{at}  {person} ({role}): ja",
    "{at}  {person} ({role}): takes the yes back": "{at}  {person} ({role}): trækker sit ja tilbage",
    "{at}  {person} ({role}): no: {why}": "{at}  {person} ({role}): nej: {why}",
    "Rows left the node at {at}, in attempt {attempt}.": "Rækker forlod noden {at}, i forsøg {attempt}.",
    "What you sign is exactly this document: code {seen}": (
        "Det, du underskriver, er netop dette dokument: kode {seen}"
    ),
}
"""English to Danish."""


def say(lang: Language, text: str, **values: object) -> str:
    """``text`` in ``lang`` with its fields filled."""
    return (DANISH[text] if lang == "da" else text).format(**values)
