"""The form of one catalogue entry."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from samklang.errors.phrases import in_danish

Language = Literal["en", "da"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code means, in both languages with the same parameters.

    A template has plain fields only: ``{name}``, or ``{name!r}`` where the name is shown in quotes.

    Attributes:
        what: what happened.
        fix: what to do about it.
        public: whether the texts may be shown to another organisation.
        what_da: ``what`` in Danish.
        fix_da: ``fix`` in Danish.
    """

    what: str
    fix: str
    public: bool = True
    _: KW_ONLY
    what_da: str
    fix_da: str

    def text(self, params: Mapping[str, object], lang: Language = "en") -> tuple[str, str]:
        """(what happened, what to do), filled from ``params``.

        In Danish a parameter that is a phrase of ours ("the document", "a whole number") is said in
        Danish too; names and numbers stay as they are.

        Raises:
            KeyError: a parameter is missing.
        """
        if lang == "en":
            return self.what.format(**params), self.fix.format(**params)
        return _danish(self.what_da, params), _danish(self.fix_da, params)


def _danish(template: str, params: Mapping[str, object]) -> str:
    parts = []
    for literal, field, _, conversion in string.Formatter().parse(template):
        parts.append(literal)
        if field is not None:
            value = params[field]
            parts.append(repr(value) if conversion == "r" else in_danish(field, str(value)))
    return "".join(parts)
