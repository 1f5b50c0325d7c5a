"""The fixed phrases that parameters of errors are made of, in Danish.

Most parameters are names and numbers and read the same in both languages. Some say why ("a group size is
out of range"), what was expected, or what kind of thing it is: those are phrases of ours, written in English
where the error is raised. Here stands what they are in Danish, by parameter, so that an error is wholly in
one language. ``{}`` stands for a name or number inside a phrase. What isn't here stays as it is: a name, or
what the operating system or a library says. A test finds the phrases in the source that are missing here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

_SYSTEM: Final = {
    "No such file or directory": "filen findes ikke",
    "Permission denied": "adgang nægtet",
    "Is a directory": "det er en mappe",
    "Not a directory": "en del af stien er ikke en mappe",
    "No space left on device": "der er ikke mere plads",
    "Read-only file system": "filsystemet kan ikke skrives til",
    "Address already in use": "adressen er i brug",
    "Connection refused": "forbindelsen blev afvist",
    "unreadable": "den er ulæselig",
    "unusable": "den er ubrugelig",
    "its database can't be used": "dens database kan ikke bruges",
}

PHRASES: Final[dict[str, dict[str, str]]] = {
    "alert": {
        "no reason": "ingen grund angivet",
        "no answer": "intet svar",
        "it closed the connection when it had seen this process's certificate": (
            "den lukkede forbindelsen, da den havde set denne proces' certifikat"
        ),
    },
    "allowed": {"nobody": "ingen"},
    "citizens": {"unknown": "ukendt"},
    "earlier": {
        "your own question {} (in {})": "dit eget spørgsmål {} (i {})",
        "an earlier question": "et tidligere spørgsmål",
    },
    "field": {"its form": "dens form"},
    "document": {"document": "Dokumentet", "policy": "politik", "codebook": "kodebog"},
    "expected": {
        "a text (put it in quotes)": "en tekst (sæt den i anførselstegn)",
        "a whole number without quotes": "et helt tal uden anførselstegn",
        "a whole number": "et helt tal",
        "true or false": "true eller false",
        "a number": "et tal",
        "a date, e.g. 2027-01-31": "en dato, f.eks. 2027-01-31",
        "a date without a time of day": "en dato uden klokkeslæt",
        "an instant, e.g. 2027-01-31T12:00:00Z": "et tidspunkt, f.eks. 2027-01-31T12:00:00Z",
        "an instant with its time zone, e.g. 2027-01-31T12:00:00Z": (
            "et tidspunkt med tidszone, f.eks. 2027-01-31T12:00:00Z"
        ),
        "a list": "en liste",
        "a mapping (key: value)": "en samling af nøgler (nøgle: værdi)",
        "a path": "en sti",
        "a mapping with a key {} that says which kind it is": (
            "en samling af nøgler med en nøgle {}, der siger, hvilken slags det er"
        ),
        "one of the kinds {}": "en af typerne {}",
        "one of {}": "en af disse: {}",
        "a number above {}": "et tal over {}",
        "a number of at least {}": "et tal på mindst {}",
        "a number below {}": "et tal under {}",
        "a number of at most {}": "et tal på højst {}",
        "a number with at most {} digits": "et tal med højst {} cifre",
        "a number with at most {} decimals": "et tal med højst {} decimaler",
        "a number with at most {} digits before the point": "et tal med højst {} cifre før kommaet",
        "{} or more entries": "{} eller flere poster",
        "at most {} entries": "højst {} poster",
        "a text of at least {} characters": "en tekst på mindst {} tegn",
        "a text of at most {} characters": "en tekst på højst {} tegn",
        "a text of the form {}": "en tekst af formen {}",
        "a database's address without a password: postgres://user@host/name": (
            "en databases adresse uden adgangskode: postgres://bruger@vært/navn"
        ),
        "a name of small letters, digits, - and _, with at least one letter": "et navn af små "
        "bogstaver, cifre, - og _, med mindst ét bogstav",
        "a level's name of at most 40 letters, digits and _ + < > = . -": (
            "et niveaus navn af højst 40 bogstaver, cifre og _ + < > = . -"
        ),
        "sha256: and 64 hexadecimal digits": "sha256: og 64 hexadecimale cifre",
        "a public key: ed25519: and base64": "en offentlig nøgle: ed25519: og base64",
        "an address: host:port": "en adresse: vært:port",
        "a length of time, e.g. P2Y6M": "et tidsrum, f.eks. P2Y6M",
        "hours, e.g. PT72H": "timer, f.eks. PT72H",
        "another kind of value ({})": "en anden slags værdi ({})",
    },
    "hint": {
        " Did you mean {}?": " Mente du {}?",
        " Known: {}.": " Kendte: {}.",
        "There are: {}.": "Der er: {}.",
        "It has {}.": "Det har {}.",
        "It has none; ask with a measure.": "Det har ingen; spørg med et måltal.",
    },
    "kind": {
        "audit log": "revisionslog",
        "record of citizens": "fortegnelse over borgere",
        "variable": "variabel",
        "banding": "inddeling",
        "variable/banding or measure": "variabel/inddeling eller måltal",
        "rule under 'variables' for": "regel under 'variables'",
        "level": "niveau",
        "axis": "akse",
        "measure": "måltal",
        "party": "part",
        "compute party": "beregningspart",
        "people": "personkreds",
        "sector": "sektor",
        "grant": "tilladelse",
        "prohibition": "forbud",
        "target group": "målgruppe",
        "identity key": "identitetsnøgle",
        "ledger": "budgetregnskab",
        "approvals": "godkendelser",
        "journal": "forsøgsjournal",
        "record of versions": "fortegnelse over versioner",
        "controller": "dataansvarlig",
        "legal role": "juridisk rolle",
        "policy": "politik",
        "codebook": "kodebog",
        "consent": "samtykke",
        "objection": "indsigelse",
        "processor": "databehandler",
        "joint-controller": "fælles dataansvarlig",
    },
    "period": {"month": "måned", "year": "år", "lifetime": "hele levetiden"},
    "state": {
        "submitted": "indsendt",
        "authorising": "hos noderne til afgørelse",
        "awaiting-approval": "afventer godkendelse",
        "running": "kører",
        "releasing": "udleveres",
        "done": "færdig",
        "denied": "afvist",
        "failed": "mislykket",
        "cancelled": "annulleret",
        "approved": "godkendt",
        "rejected": "afvist",
        "expired": "udløbet",
        "changed": "bortfaldet",
        "ended": "slut",
        "void": "ugyldig",
    },
    "place": {
        "the document": "dokumentet",
        "the statement": "sætningen",
        "line {}, column {} of the statement": "linje {}, kolonne {} i sætningen",
    },
    "problem": {
        **_SYSTEM,
        "it asks for the coordinator's own name": "den beder om koordinatorens eget navn",
        # the reason of a no
        "a no needs a reason, and nothing else has one": "et nej skal begrundes, og intet andet har en grund",
        "it is no request for approval": "den er ikke en anmodning om godkendelse",
        "its digest is that of something else": "dens fingeraftryk hører til noget andet",
        "the policy in it isn't the one that the request names": (
            "politikken i den er ikke den, som anmodningen nævner"
        ),
        "what others have said in it doesn't verify": "det, andre har sagt ifølge den, kan ikke verificeres",
        "it is too long or has odd characters": "den er for lang eller har særlige tegn",
        "it may have a citizen's number in it": "der kan stå en borgers nummer i den",
        "not valid": "ikke gyldigt",
        # files of a release, a sandbox, TLS
        "it is not JSON": "det er ikke JSON",
        "it is not {}": "det er ikke {}",
        "it has no list of axes": "det har ingen liste af akser",
        "it has no list of cells": "det har ingen liste af celler",
        "{} is missing": "{} mangler",
        "{} is not a mapping": "{} er ikke en samling af nøgler",
        "{} names no nodes": "{} nævner ingen noder",
        "{} has the key {}, which the sandbox fills in by itself": (
            "{} har nøglen {}, som sandkassen selv udfylder"
        ),
        # enrolment
        "it is no reply": "det er ikke et svar fra driften",
        "it has no address": "den har ingen adresse",
        "it is for another federation": "den er til en anden føderation",
        "it exists": "den findes allerede",
        "it is another party's": "den tilhører en anden part",
        "its list and its files differ": "dens liste og dens filer stemmer ikke overens",
        "a file in it was changed": "en fil i den er ændret",
        "it is no backup": "det er ikke en sikkerhedskopi",
        "there is no folder {}": "mappen {} findes ikke",
        "{} is damaged": "{} er beskadiget",
        "others have signed another document": "andre har underskrevet et andet dokument",
        "it asks to be an officer": "den beder om adgang for en databeskyttelsesrådgiver",
        "it is of another organisation": "den er fra en anden organisation",
        "it asks to be an operator": "den beder om adgang for driften (operator)",
        "it is of another kind": "den gælder en anden medlemstype",
        "it is no analyst's": "den er ikke en analytikers",
        "the certificate is not this authority's": "certifikatet er ikke udstedt af denne udsteder",
        "the certificate is another member's": "certifikatet er et andet medlems",
        "the certificate is for another key": "certifikatet hører til en anden nøgle",
        "it is not the certificate's key": "det er ikke certifikatets nøgle",
        "no PEM certificate in it": "den rummer intet PEM-certifikat",
        "not an unencrypted PEM key": "ikke en ukrypteret PEM-nøgle",
        "another process uses it": "en anden proces bruger den",
        "no answer": "intet svar",
        "`observe` is not configured": "`observe` mangler i opsætningen",
        "no link to the coordinator": "ingen forbindelse til koordinatoren",
        "the demonstration needs a checkout of the project, with its policies": (
            "demonstrationen kræver projektets kildetræ med dets politikker"
        ),
        # registers
        "the address holds a password": "adressen rummer en adgangskode",
        "the password's file may be read by others": "filen med adgangskoden kan læses af andre",
        "the password's file can't be read": "filen med adgangskoden kan ikke læses",
        "the password's environment variable is empty": "miljøvariablen med adgangskoden er tom",
        "it is no FHIR bundle in JSON": "det er ikke et FHIR-bundle i JSON",
        "the bundle has further pages": "bundlet har flere sider",
        "the bundle holds other bundles": "bundlet indeholder andre bundles",
        "the bundle isn't what holds now": "bundlet viser ikke, hvad der gælder nu",
        "the bundle reports a failure": "bundlet melder om en fejl",
        "the bundle is too large": "bundlet er for stort",
        "a refusal names no citizen": "en indsigelse nævner ingen borger",
        # messages
        "a chunk has the wrong length": "et stykke har forkert længde",
        "a link must begin with hello": "en forbindelse skal begynde med hello",
        "a push must begin with its address alone": "en afsendelse skal begynde med adressen alene",
        "a push without an address": "en afsendelse uden adresse",
        "an address in the middle of a stream": "en adresse midt i en strøm",
        "an address without sender, recipient or stage": "en adresse uden afsender, modtager eller trin",
        "an attempt without query or number": "et forsøg uden forespørgsel eller nummer",
        "not a message of this call": "ikke en meddelelse til dette kald",
        "more messages than there are stages": "flere meddelelser, end der er trin",
        "hello is said once": "hello må kun sendes én gang",
        "no hello": "intet hello",
        "no welcome": "intet welcome",
        "not a chunk": "ikke et stykke",
        "an answer to another question": "et svar på et andet spørgsmål",
        "this question is not known": "dette spørgsmål kendes ikke",
        "this call is not known": "dette kald er ukendt",
    },
    "reason": {
        **_SYSTEM,
        "{}: {}": "{}: {}",
        "an HPKE key isn't valid": "en HPKE-nøgle er ugyldig",
        "an HPKE key has the wrong form": "en HPKE-nøgle har forkert form",
        "the participants aren't those of the query": "deltagerne er ikke forespørgslens",
        "this party's own acceptance was replaced": "denne parts egen accept er udskiftet",
        "the signature of {} doesn't hold": "underskriften fra {} holder ikke",
        "{} agrees to something else": "{} har sagt ja til noget andet",
        "{} takes part only in an answer from the store": "{} deltager kun i et svar fra lageret",
        "a tag occurs more often than there are parties": "et mærke forekommer oftere, end der er parter",
        "a group size is out of range": "en gruppestørrelse er uden for det mulige",
        "the sizes don't add up to the rows": "størrelserne giver ikke rækkernes antal",
        "a position doesn't exist": "en plads findes ikke",
        "a row is in two groups or in none": "en række er i to grupper eller ingen",
        "groups of size {} aren't in canonical order": "grupper på {} er ikke i kanonisk orden",
        "parts are missing": "der mangler dele",
        "it isn't signed by that party's identity key": (
            "den er ikke underskrevet med den parts identitetsnøgle"
        ),
        "it belongs to something else": "den hører til noget andet",
        "it isn't base64": "den er ikke base64",
        "it isn't sealed to this party": "den er ikke forseglet til denne part",
        "it isn't what was promised": "det er ikke, hvad der blev lovet",
        "a citizen's number isn't normalised": "et borgernummer er ikke på normalform",
        "citizens aren't in order, each once": "borgerne står ikke i orden, hver én gang",
        "a level of {} doesn't exist": "et niveau af {} findes ikke",
        "axis {} is out of range": "aksen {} er uden for sine grænser",
        "axis {} is outside the period": "aksen {} er uden for perioden",
        "measure {} is outside its clip": "måltallet {} er uden for sine grænser",
    },
    "role": {"key": "nøgle", "certificate": "certifikat"},
    "scope": {
        "the data set": "datasættet",
        "the grant {}": "tilladelsen {}",
        "this data set or grant": "dette datasæt eller denne tilladelse",
    },
    "suffix": {"a file without suffix": "en fil uden endelse"},
    "until": {"just now": "lige nu"},
    "wanted": {
        "the default {}": "standardværdien {}",
        "the values of the level {}": "værdierne i niveauet {}",
        "the range of the level {}": "intervallet for niveauet {}",
        "a whole number": "et helt tal",
        "a date": "en dato",
        "a number": "et tal",
        "a decimal with fewer places": "et decimaltal med færre decimaler",
    },
    "what": {
        "node": "node",
        "request": "anmodning",
        "query": "forespørgsel",
        "policy": "politik",
        "grant": "tilladelse",
        "what was shown": "det, der blev vist",
        "cost": "pris",
        "time": "tidspunkt",
        "a window function without over (order by ...)": "en vinduesfunktion uden over (order by ...)",
        "computed column": "en beregnet kolonne",
        "order by inside a function": "order by inde i en funktion",
        "table function": "en tabelfunktion",
        "this kind of join": "denne slags join",
        "with inside a subquery": "`with` i en delforespørgsel",
        "bare word": "et ord for sig",
        "unit in {}": "enheden i {}",
        "function {}": "funktionen {}",
        "unknown function": "en ukendt funktion",
        "{} in {}": "{} i {}",
    },
    "where": {
        "its first line": "første linje",
        "its schema is another": "skemaet er et andet",
        "entry {}": "post {}",
        "its head": "hovedet",
        "its times": "tidspunkterne i det",
        "it can't be read": "den kan ikke læses",
        "another version": "en anden udgave",
        "a member is missing": "noget mangler",
        "a member of another kind": "noget er af en anden slags",
        "other columns": "andre kolonner",
        "it is no CSV": "det er ikke CSV",
        "not one ledger": "ikke ét regnskab",
        "the ledger knows a question that it lacks": "budgetregnskabet kender et spørgsmål, som det mangler",
    },
}
"""English to Danish, by parameter."""


CODES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "conditions": {
        "new-template": (
            "nobody here has approved the form of the question before",
            "ingen her har tidligere godkendt et spørgsmål af den form",
        ),
        "many-cells": ("the table has more than 200 cells", "tabellen har mere end 200 celler"),
        "large-budget": (
            "it costs more than epsilon 1 at delta 1e-8",
            "det koster mere end epsilon 1 ved delta 1e-8",
        ),
        "differencing": (
            "it differs in few citizens from a question that was answered",
            "det adskiller sig med få borgere fra et besvaret spørgsmål",
        ),
        "mode: manual": (
            "the grant asks for it with every question",
            "tilladelsen kræver det ved hvert spørgsmål",
        ),
        "mode: two-person": (
            "the grant asks for it with every question",
            "tilladelsen kræver det ved hvert spørgsmål",
        ),
    },
    "mode": {
        "auto": ("a person has", "skal en person"),
        "manual": ("one person has", "skal én person"),
        "two-person": ("two persons have", "skal to personer"),
    },
    "operation": {
        "stratify": ("`stratify` (tables)", "`stratify` (tabeller)"),
        "score": (
            "`score` (points summed over partners)",
            "`score` (point lagt sammen på tværs af partnere)",
        ),
        "pathway": (
            "`pathway` (time between events in different sectors)",
            "`pathway` (tid mellem hændelser i forskellige sektorer)",
        ),
        "evaluate": (
            "`evaluate` (a comparison of periods and areas)",
            "`evaluate` (sammenligning af perioder og områder)",
        ),
        "return": (
            "`return` (return of persons for treatment)",
            "`return` (tilbagesendelse af personer til behandling)",
        ),
        "care": ("care (`care`)", "behandling og omsorg (`care`)"),
        "quality": ("quality (`quality`)", "kvalitet (`quality`)"),
    },
    "asked": {
        "statistical": ("statistical (`statistical`)", "statistik (`statistical`)"),
        "care": ("care (`care`)", "behandling og omsorg (`care`)"),
        "quality": ("quality (`quality`)", "kvalitet (`quality`)"),
    },
    "granted": {
        "statistical": ("statistical (`statistical`)", "statistik (`statistical`)"),
        "care": ("care (`care`)", "behandling og omsorg (`care`)"),
        "quality": ("quality (`quality`)", "kvalitet (`quality`)"),
    },
}
"""Codes of documents by parameter: English, Danish. Reasons, logs and JSON keep the code."""


def in_words(parameter: str, value: str, lang: Literal["en", "da"]) -> str:
    """A code of ``parameter``, or several with commas between, in words; anything else as it is."""
    known = CODES.get(parameter, {})
    codes = value.split(", ")
    if not all(code in known for code in codes):
        return value
    return "; ".join(dict.fromkeys(known[code][lang == "da"] for code in codes))


def in_danish(parameter: str, value: str) -> str:
    """``value`` of ``parameter`` in Danish, or ``value`` itself if it is no phrase of ours."""
    known = PHRASES.get(parameter, {})
    if (danish := known.get(value)) is not None:
        return danish
    for pattern, danish in _patterns(parameter):
        if found := pattern.fullmatch(value):
            return danish.format(*(in_danish(parameter, inner) for inner in found.groups()))
    return value


@cache
def _patterns(parameter: str) -> list[tuple[re.Pattern[str], str]]:
    """Phrases with something inside, the longest first so that the most exact one is found."""
    phrases = PHRASES.get(parameter, {})
    inside = sorted((english for english in phrases if "{}" in english), key=len, reverse=True)
    return [
        (re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), phrases[english])
        for english in inside
    ]
