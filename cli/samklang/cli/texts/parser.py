"""What the parser itself says: headings, what a wrong command line is told, placeholders, exit codes."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    # headings of a help
    "usage: ": "brug: ",
    "positional arguments": "argumenter",
    "options": "tilvalg",
    "exit codes:": "afslutningskoder:",
    "example:": "eksempel:",
    "show this help message and exit": "vis denne hjælp, og slut",
    "print the version and stop": "skriv versionen, og slut",
    "print JSON for machines": "skriv JSON til maskiner",
    "English or Danish (default: the locale's, else English)": (
        "engelsk eller dansk (ellers systemets sprog, ellers engelsk)"
    ),
    "Privacy-preserving federated queries for health and care.": (
        "Fødererede forespørgsler på sundheds- og omsorgsdata, der beskytter den enkelte borger."
    ),
    # a wrong command line
    "error": "fejl",
    "interrupted": "afbrudt",
    "argument {}: {}": "{}: {}",
    "the following arguments are required: {}": "der mangler: {}",
    "one of the arguments {} is required": "en af disse skal angives: {}",
    "unrecognized arguments: {}": "ukendte argumenter: {}",
    "invalid choice: {} (choose from {})": "{} findes ikke (vælg mellem {})",
    "invalid int value: {}": "{} er ikke et helt tal",
    "not a date like 2027-01-31: {}": "{} er ikke en dato som 2027-01-31",
    "must be a whole number from 1 to 200": "skal være et helt tal fra 1 til 200",
    "must be a whole number from 1 to 31": "skal være et helt tal fra 1 til 31",
    "expected one argument": "der mangler en værdi",
    "expected at least one argument": "der mangler mindst én værdi",
    "ambiguous option: {} could match {}": "{} er flertydigt; det kan være {}",
    "ignored explicit argument {}": "tager ingen værdi, men fik {}",
    "not allowed with argument {}": "kan ikke bruges sammen med {}",
    # exit codes
    "done": "færdig",
    "a defect of the program; please report it": "en fejl i programmet; meld den gerne",
    "the command line is wrong": "kommandolinjen er forkert",
    "a document, a key or a file is wrong: correct it": (
        "et dokument, en nøgle eller en fil er forkert: ret det"
    ),
    "a partner's policy or budget says no": "en parts politik eller privatlivsbudget siger nej",
    "the query failed, expired or was cancelled": "forespørgslen mislykkedes, udløb eller blev annulleret",
    "the coordinator or a node could not be reached, or did not know the caller": (
        "koordinatoren eller en node kunne ikke nås eller kendte ikke den, der kaldte"
    ),
    "a policy allows more than the one it is compared with": (
        "en politik tillader mere end den, den sammenlignes med"
    ),
    "a person has to approve first": "en person skal først godkende",
    "stopped by Ctrl-C": "standset med Ctrl-C",
    # placeholders
    "COMMAND": "KOMMANDO",
    "ACTION": "HANDLING",
    "FILE": "FIL",
    "FOLDER": "MAPPE",
    "DIR": "STED",
    "NAME": "NAVN",
    "NUMBER": "TAL",
    "DATE": "DATO",
    "WORD": "ORD",
    "TEXT": "TEKST",
    "KEY": "NØGLE",
    "ROLE": "ROLLE",
    "REQUEST": "ANMODNING",
    "REPLY": "SVAR",
    "HOST:PORT": "VÆRT:PORT",
}
