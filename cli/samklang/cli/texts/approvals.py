"""Approvals at a node: help and what the command says; the request itself is in the node's own words."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "See what waits for a person's decision at a node, and decide with your own key.": (
        "Se, hvad der venter på en persons afgørelse på en node, og afgør det med din egen nøgle."
    ),
    "List requests, newest first: those that wait, or all of them.": (
        "Vis anmodninger, de nyeste først: dem, der venter, eller dem alle."
    ),
    "also those that are decided or over": "også dem, der er afgjort eller slut",
    "Show exactly what would be answered, to whom, why, and at which cost.": (
        "Vis præcis, hvad der ville blive svaret, til hvem, hvorfor og til hvilken pris."
    ),
    "of the request, or how it begins": "anmodningens id, eller begyndelsen af det",
    "Say yes: shows the request, asks, and signs with your key.": (
        "Sig ja: viser anmodningen, spørger og underskriver med din nøgle."
    ),
    "the code at the end of `show`, instead of being asked": (
        "koden sidst i `show` i stedet for at blive spurgt"
    ),
    "Say no: the query ends, and the analyst reads why.": (
        "Sig nej: forespørgslen slutter, og analytikeren læser hvorfor."
    ),
    "for the analyst; no citizen's data": "til analytikeren; ingen borgeres data",
    "Take your yes back; what has left the node already doesn't come back.": (
        "Træk dit ja tilbage; det, der allerede har forladt noden, kommer ikke tilbage."
    ),
    "the node's configuration": "nodens opsætning",
    "your own signing key": "din egen underskriftsnøgle",
    "CODE": "KODE",
    "request": "anmodning",
    "until": "indtil",
    "who asks": "hvem spørger",
    "grant": "tilladelse",
    "title": "titel",
    "Nothing waits for a decision.": "Intet venter på en afgørelse.",
    "Do you approve exactly this? Write yes or no:": "Godkender du præcis dette? Skriv ja eller nej:",
    "yes": "ja",
    "request {request}: {state}": "anmodning {request}: {state}",
    "Rows have left the node already; this stops further attempts alone.": (
        "Rækker har allerede forladt noden; dette standser kun yderligere forsøg."
    ),
}
