"""Help and tables of ``samklang ledger``."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "See and prove what a node's data have been asked.": (
        "Se og bevis, hvad en nodes data er blevet spurgt om."
    ),
    "Show caps, what is spent and what is left in each period, in all and by grant.": (
        "Vis lofter, forbrug og rest i hver periode, i alt og for hver tilladelse."
    ),
    "Walk the chain of every entry and print its head; 0 means that it is whole.": (
        "Gå kæden igennem post for post, og skriv dens hoved; 0 betyder, at den er hel."
    ),
    "Write every entry with its hash, for somebody else to verify.": (
        "Skriv hver post med dens hash, så en anden kan kontrollere dem."
    ),
    "the node's configuration": "nodens opsætning",
    "of the last entries, how many (10)": "af de seneste poster, hvor mange (10)",
    "an export, instead of a node": "en eksport i stedet for en node",
    "a head that was seen before, or a file with it: it must be in the past": (
        "et hoved, der er set før, eller en fil med det: det skal findes i fortiden"
    ),
    "write there, .json or .csv (default: JSON, standard output)": (
        "skriv dertil, .json eller .csv (ellers JSON til skærmen)"
    ),
    "Ledger of {node}, {entries} entries, chain verified": (
        "Budgetregnskab for {node}, {entries} poster, kæden stemmer"
    ),
    "The data set, over all analysts and grants": "Datasættet, over alle analytikere og tilladelser",
    "(δ spent in all: {delta})": "(δ brugt i alt: {delta})",
    "Grant {grant}, at most ε {epsilon} a query": "Tilladelsen {grant}, højst ε {epsilon} pr. forespørgsel",
    "Grant {grant}, no longer in the policy": "Tilladelsen {grant}, ikke længere i politikken",
    "Last entries": "Seneste poster",
    "no.": "nr.",
    "time (UTC)": "tid (UTC)",
    "attempt": "forsøg",
    "grant": "tilladelse",
    "this month": "denne måned",
    "this year": "dette år",
    "lifetime": "i alt",
    "cap, ε (ρ)": "loft, ε (ρ)",
    "spent": "brugt",
    "left": "tilbage",
    "of this size": "af den størrelse",
    "{count} queries": "{count} forespørgsler",
    "{entries} entries, all of them in the chain.": "{entries} poster, alle i kæden.",
    "The head that was known is in its past.": "Det kendte hoved findes i dens fortid.",
}
