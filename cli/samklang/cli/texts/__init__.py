"""What the command line says, in English and Danish.

The English text stands where it is said and is its own id; the gettext catalogue below ``locale`` has the
Danish for every one of them, with the same named fields (``{name}``). A ``{}`` without a name stands for
whatever a text of the standard library has there. A test finds texts that are said and not listed, and listed
and not said. The texts of errors have a catalogue of their own (:mod:`samklang.errors.catalogue`).

Standard library only: ``--help`` needs nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, Literal

from samklang.cli.texts import messages
from samklang.errors.catalogues import danish, plurals

__all__ = [
    "DANISH",
    "PLURALS",
    "Language",
    "language",
    "say",
    "say_n",
    "stage_name",
    "state_name",
    "translate",
    "wanted",
]

Language = Literal["en", "da"]

DANISH: Final[dict[str, str]] = {
    **dict(messages.STATES.values()),
    **dict(messages.STAGES.values()),
    **danish(__file__, "samklang"),
}
"""English to Danish."""
PLURALS: Final = plurals(__file__, "samklang")
"""The same, where a number stands before its noun."""


def say(lang: Language, text: str, **values: object) -> str:
    """``text``, an English text of the catalogue, in ``lang`` with its fields filled."""
    return (DANISH.get(text, text) if lang == "da" else text).format(**values)


def say_n(lang: Language, one: str, many: str, n: int, **values: object) -> str:
    """``one`` or ``many`` in ``lang``, with ``{n}`` and its other fields filled."""
    return PLURALS.say(lang, one, many, n, **values)


def state_name(state: str, lang: Language) -> str:
    """A query's state as people read it."""
    return messages.STATES.get(state, (state, state))[lang == "da"]


def stage_name(stage: str, lang: Language) -> str:
    """A stage of an attempt as people read it."""
    return messages.STAGES.get(stage, (stage, stage))[lang == "da"]


def translate(lang: Language, text: str) -> str:
    """A finished text in ``lang``, as far as it or its form is in the catalogue; else as it is."""
    if lang == "en":
        return text
    if (known := DANISH.get(text)) is not None:
        return known
    for pattern, form in _patterns():
        if found := pattern.fullmatch(text):
            return form.format(*(translate(lang, inner) for inner in found.groups()))
    return text


def language(environment: Mapping[str, str]) -> Language:
    """Danish where the first locale variable that is set (POSIX order) is Danish, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if found := environment.get(name):
            return "da" if found.lower().startswith("da") else "en"
    return "en"


def wanted(words: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of a command line: its last ``--language``, else the locale's.

    Read before there is a parser, because the parser's own texts depend on it.
    """
    found = language(environment)
    for i, word in enumerate(words):
        if word == "--":
            break
        option, given, value = word.partition("=")
        # As argparse does, a beginning that no other option has is the option.
        if not (option.startswith("--lan") and "--language".startswith(option)):
            continue
        value = value if given else words[i + 1] if i + 1 < len(words) else ""
        if value in ("en", "da"):
            found = "da" if value == "da" else "en"
    return found


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Texts with something inside, the longest first so that the most exact one is found."""
    inside = sorted((text for text in DANISH if "{}" in text), key=len, reverse=True)
    return [
        (re.compile("(.+?)".join(map(re.escape, text.split("{}"))), re.DOTALL), DANISH[text])
        for text in inside
    ]
