"""Errors people can act on: a stable code, what happened, what to do, and never a secret.

Every code stands in one catalogue (:mod:`samklang.errors.catalogue`), in English and Danish. An entry's
templates are filled from keyword parameters; a parameter MUST be a name, a count that is already public,
or a place in a document: never a key, a share, a CPR number or a value from a partner's data.

``private`` carries a diagnosis for the local log alone. What may cross to another organisation is
:meth:`SamklangError.public`: the code with its catalogue texts where the entry says so, and only the
code with a generic sentence where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from samklang.errors.catalogue import CATALOGUE, Entry, Language

__all__ = ["CATALOGUE", "UNSAID", "Entry", "Language", "Position", "SamklangError"]

UNSAID: Final[dict[Language, tuple[str, str]]] = {
    "en": (
        "The request could not be answered.",
        "Ask the operator of the partner named in the status; its log has the reason.",
    ),
    "da": (
        "Anmodningen kunne ikke besvares.",
        "Spørg driften hos den partner, som status nævner; årsagen står i partnerens log.",
    ),
}
"""What another organisation reads in place of the texts of an entry that isn't public."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a document: file name as the user gave it, line and column counted from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class SamklangError(Exception):
    """A named failure.

    Args:
        code: a key of the catalogue; an unknown code is a programming error (``KeyError``).
        at: where in a document the problem stands, if it is about a document.
        private: diagnosis for the local log; never sent, never printed to a remote caller.
        **params: fill the entry's templates.

    Attributes:
        params: what filled the templates, as text.
        clause: where the policy stands that says no, ``grants[0].max_axes``; empty for anything else.
    """

    clause: str = ""

    def __init__(self, code: str, *, at: Position | None = None, private: str = "", **params: object) -> None:
        entry = CATALOGUE[code]
        self.code = code
        self.at = at
        self.private = private
        self.params = {name: str(value) for name, value in params.items()}
        self.what, self.fix = entry.text(params)
        self._danish = entry.text(params, "da")
        self._public = entry.public
        super().__init__(code)

    def __str__(self) -> str:
        where = f"{self.at}: " if self.at else ""
        return f"{where}{self.code}: {self.what} {self.fix}"

    def text(self, lang: Language = "en") -> tuple[str, str]:
        """(what happened, what to do) for whoever runs this process."""
        return self._danish if lang == "da" else (self.what, self.fix)

    def public(self, lang: Language = "en") -> tuple[str, str, str]:
        """(code, what, fix) as a remote caller may read it."""
        return (self.code, *(self.text(lang) if self._public else UNSAID[lang]))
