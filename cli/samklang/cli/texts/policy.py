"""Texts of ``samklang policy``."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "Read, question, compare, test and sign a node's policy.": (
        "Læs, udspørg, sammenlign, afprøv og underskriv en nodes politik."
    ),
    # test
    "Run a policy's cases, and find the clauses that no case covers.": (
        "Kør en politiks prøvetilfælde, og find de bestemmelser, som intet tilfælde dækker."
    ),
    "policies, or files of cases": "politikker, eller filer med prøvetilfælde",
    "change no clauses": "ændr ingen bestemmelser",
    "expected {expected}, but the policy says {found}": "forventet {expected}, men politikken siger {found}",
    "no case notices if {was} is left out": "intet tilfælde opdager, hvis {was} udelades",
    "no case notices if {now} is added": "intet tilfælde opdager, hvis {now} tilføjes",
    "no case notices if {was} becomes {now}": "intet tilfælde opdager, hvis {was} bliver til {now}",
    "{policy}, version {version}: {requests} requests as expected": (
        "{policy}, version {version}: {requests} forespørgsler som forventet"
    ),
    "{noticed} of {tried} changes noticed": "{noticed} af {tried} ændringer opdaget",
    "nothing": "intet",
    "decision": "afgørelse",
    "reasons": "begrundelser",
    "min_count": "mindste antal",
    "secondary_suppression": "sekundær sløring",
    "consent": "samtykke",
    "approval": "godkendelse",
    "retention": "opbevaring",
    "max_persons": "højst antal personer",
    "budget": "privatlivsbudget",
}
