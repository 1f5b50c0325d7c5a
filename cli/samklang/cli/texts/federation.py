"""The help and the messages of ``samklang federation``."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "Set up a federation; enrol members, each with keys of its own making.": (
        "Opret en føderation, og optag medlemmer, der hver laver deres egne nøgler."
    ),
    # the operator
    "Operator: make the authority, the coordinator's keys and a manifest to be completed.": (
        "Driften: lav udstederen, koordinatorens nøgler og et manifest, der skal gøres færdigt."
    ),
    "new or empty": "ny eller tom",
    "the federation's name": "føderationens navn",
    "who runs the coordinator": "hvem der driver koordinatoren",
    "its name": "dens navn",
    "where it listens": "hvor den lytter",
    "Operator: certify a member's request; a node is added to the manifest.": (
        "Driften: udsted et certifikat på et medlems anmodning; en node føjes til manifestet."
    ),
    "the operator's": "driftens",
    "32 hex digits, as the member reads it to you": "32 hexcifre, som medlemmet læser dem op",
    # the member
    "Member: make keys in a folder of your own, and a request for the operator.": (
        "Medlem: lav nøgler i din egen mappe og en anmodning til driften."
    ),
    "new or empty; the keys stay there": "ny eller tom; nøglerne bliver dér",
    "default: node": "ellers node",
    "the node's or the analyst's name": "nodens eller analytikerens navn",
    "sectors that the node serves": "sektorer, som noden dækker",
    "Member: check the operator's reply and write the configuration.": (
        "Medlem: kontrollér driftens svar, og skriv opsætningen."
    ),
    "where the keys were made": "hvor nøglerne blev lavet",
    "the operator's reply": "driftens svar",
    "a controller's public key, ed25519:…": "en dataansvarligs offentlige nøgle, ed25519:…",
    "32 hex digits, of the authority, as the operator reads it to you": (
        "udstederens 32 hexcifre, som driften læser dem op"
    ),
    "what people read (default: the id)": "det, mennesker læser (ellers id)",
    "in Danish": "på dansk",
    # signatures
    "Make a signing key for a controller or data-protection officer; prints its public half.": (
        "Lav en nøgle til underskrift for en dataansvarlig eller databeskyttelsesrådgiver; skriver dens "
        "offentlige halvdel."
    ),
    "is made, mode 0600": "oprettes med rettigheder 0600",
    "Check a manifest, codebook or policy and sign it; prints its digest.": (
        "Kontrollér et manifest, en kodebog eller en politik, og underskriv; skriver dokumentets hashværdi."
    ),
    "one or more": "en eller flere",
    "the signed document": "det underskrevne dokument",
    "A node's operator: say that somebody is an analyst of the organisation.": (
        "En nodes drift: stå inde for, at nogen er analytiker i organisationen."
    ),
    "the analyst's request.json": "analytikerens request.json",
    "the node's identity key": "nodens identitetsnøgle",
    "as policies name it": "som politikkerne kalder den",
    "how long it holds (365)": "hvor mange dage den gælder (365)",
    "the credential": "legitimationen",
    "32 hex digits, of the request, as the analyst reads it to you": (
        "anmodningens 32 hexcifre, som analytikeren læser dem op"
    ),
    # messages
    "Read the fingerprint to the other side by telephone; it must hear the same.": (
        "Læs fingeraftrykket op for den anden side i telefonen; der skal stå det samme."
    ),
    "authority": "udsteder",
    "coordinator": "koordinator",
    "request": "anmodning",
}
