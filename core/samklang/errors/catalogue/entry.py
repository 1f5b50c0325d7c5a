"""The form of one catalogue entry."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from samklang.errors.phrases import in_danish, in_words
from samklang.errors.times import in_text

Language = Literal["en", "da"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code means, in both languages with the same parameters.

    A template has plain fields: ``{name}``, or ``{name!r}`` where the name is shown in quotes; and
    ``{name:axis|axes}`` for a number and its noun, for one and for many.

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
        Danish too, and a day or an instant in UTC as people there write it. A code that documents have
        (``many-cells``) is said in words in both languages. Names and numbers stay as they are.

        Raises:
            KeyError: a parameter is missing.
        """
        if lang == "en":
            return _filled(self.what, params, lang), _filled(self.fix, params, lang)
        return _filled(self.what_da, params, lang), _filled(self.fix_da, params, lang)


def _filled(template: str, params: Mapping[str, object], lang: Language) -> str:
    parts = []
    for literal, field, nouns, conversion in string.Formatter().parse(template):
        parts.append(literal)
        if field is None:
            continue
        value = params[field]
        if conversion == "r":
            parts.append(repr(value))
            continue
        said = in_words(field, str(value), lang)
        parts.append(in_text(in_danish(field, said), lang) if lang == "da" else said)
        if nouns:
            one, _, many = nouns.partition("|")
            parts.append(f" {one if str(value) == '1' else many}")
    return "".join(parts)
