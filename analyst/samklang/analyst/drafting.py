"""The text of a new question: a commented YAML draft with names that the codebook has.

Comments say what may stand at each place, in the language of the one who asks; what was not chosen is listed
so that it can be. The text is a draft as :func:`samklang.analyst.question.load_draft` reads it.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from samklang.analyst.vocabulary import sectors_of
from samklang.errors import Language, SamklangError
from samklang.model.base import Label
from samklang.model.codebook import Codebook, Measure
from samklang.model.nearest import hint

__all__ = ["Wish", "compose"]

WIDTH: Final = 100
PURPOSE: Final = "grant-id"
"""Stands in the draft where no purpose is known."""

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "head": "A question to be asked with the codebook {codebook}, version {version}.",
        "plan": "See what it would give and cost, before it costs anything: samklang query plan FILE",
        "purpose": "The id of the grant that you ask under.",
        "granted": "The id of the grant that you ask under. The nodes say that you have: {granted}.",
        "ungranted": "Put the id of the grant here that you ask under: a controller's policy has one, and "
        "nobody has said which. A plan lists those that you have.",
        "period": "From the first day up to, not including, the last; states like age are read on as_of.",
        "group": "Who is asked about: {names}. Left out: everybody.",
        "nobody": "Whom to ask about: the codebook has no target groups, so everybody.",
        "axes": "One cell of the answer for each combination of levels.",
        "more": "Other axes: {names}",
        "presence": "whether a sector knows the citizen: {example}",
        "measures": "Summed in every cell: {names}",
        "require": "Only cells with these levels are released; `present` is every level but ABSENT.",
        "privacy": "A larger epsilon means less noise, and costs every partner more of its budget.",
    },
    "da": {
        "head": "Et spørgsmål, der stilles med kodebogen {codebook}, version {version}.",
        "plan": "Se, hvad det giver og koster, før det koster noget: samklang query plan FIL",
        "purpose": "Id på den tilladelse, der bruges.",
        "granted": "Id på den tilladelse, der bruges. Noderne siger, at du har: {granted}.",
        "ungranted": "Skriv her id på den tilladelse, der bruges: den står i en dataansvarligs "
        "politik, og ingen har sagt hvilken. En plan viser dem, du har.",
        "period": "Fra første dag til, men ikke med, den sidste; tilstande som alder aflæses på as_of.",
        "group": "Hvem der spørges om: {names}. Udeladt: alle.",
        "nobody": "Hvem der spørges om: kodebogen har ingen målgrupper, så alle.",
        "axes": "En celle i svaret for hver kombination af niveauer.",
        "more": "Andre akser: {names}",
        "presence": "om en sektor kender borgeren: {example}",
        "measures": "Summeres i hver celle: {names}",
        "require": "Kun celler med disse niveauer udleveres; `present` er alle niveauer undtagen ABSENT.",
        "privacy": "Et større epsilon giver mindre støj og koster hver partner mere af budgettet.",
    },
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is known of the question so far; the rest is filled with what the codebook has.

    Attributes:
        axes: ``variable/banding``, or a sector for whether it knows the citizen.
        measures: names of measures.
        target_group: None for everybody.
        purpose: id of a grant; None if it isn't known.
        granted: ids of all grants that the nodes say the analyst has for such a question.
        from_, until: the period; the last whole calendar year by default.
        epsilon: as it is written.
    """

    axes: Sequence[str] = ()
    measures: Sequence[str] = ()
    target_group: str | None = None
    purpose: str | None = None
    granted: Sequence[str] = ()
    from_: date | None = None
    until: date | None = None
    epsilon: str = "1"


def compose(codebook: Codebook, wish: Wish, lang: Language, today: date) -> str:
    """The draft's text.

    Raises:
        SamklangError: ``document-unknown-name``.
    """
    lines = _Composer(codebook, wish, lang, today).lines()
    return "\n".join(line for long in lines for line in _wrapped(long)) + "\n"


class _Composer:
    def __init__(self, codebook: Codebook, wish: Wish, lang: Language, today: date) -> None:
        self.codebook, self.wish, self.lang = codebook, wish, lang
        self.bandings = [
            f"{name}/{banding}"
            for name, variable in codebook.variables.items()
            if not isinstance(variable, Measure)
            for banding in variable.bandings
        ]
        self.measures = [name for name, v in codebook.variables.items() if isinstance(v, Measure)]
        self.axes = [*(wish.axes or self._first())]
        for axis in self.axes:
            _known("axis", axis, [*self.bandings, *codebook.sectors])
        for name in wish.measures:
            _known("measure", name, self.measures)
        if wish.target_group is not None:
            _known("target group", wish.target_group, codebook.target_groups)
        self.until = wish.until or date(today.year, 1, 1)
        self.from_ = wish.from_ or date(self.until.year - 1, self.until.month, 1)

    def lines(self) -> Iterator[str]:
        book, wish = self.codebook.codebook, self.wish
        yield self._say("head", codebook=book.id, version=book.version)
        yield self._say("plan")
        yield f"title: {{en: {self._title('en')}, da: {self._title('da')}}}"
        yield "operation: stratify"
        known = "granted" if wish.granted else "purpose" if wish.purpose else "ungranted"
        yield self._say(known, granted=", ".join(wish.granted))
        yield f"purpose: {{family: statistical, id: {wish.purpose or PURPOSE}}}"
        yield self._say("period")
        last = date.fromordinal(self.until.toordinal() - 1)
        yield f"period: {{from: {self.from_}, until: {self.until}, as_of: {last}}}"
        groups = self.codebook.target_groups
        yield self._say("group", names=", ".join(groups)) if groups else self._say("nobody")
        if groups:
            mark = "" if wish.target_group else "# "
            yield f"{mark}target_group: {wish.target_group or next(iter(groups))}"
        yield self._say("axes")
        yield "axes:"
        for axis in self.axes:
            yield f"  # {self._describe(axis)}"
            yield f"  - {_written(axis)}"
        yield from self._others()
        yield from self._sums()
        yield self._say("require")
        yield f"# require: {{{self.axes[0].partition('/')[0]}: [present]}}"
        yield self._say("privacy")
        yield f"privacy: {{epsilon: {wish.epsilon}}}"

    def _say(self, key: str, **values: object) -> str:
        return "# " + _WORDS[self.lang][key].format(**values)

    def _first(self) -> list[str]:
        """Two axes of different variables, of different sectors where there are such: a joint question."""
        firsts = {name.partition("/")[0]: name for name in reversed(self.bandings)}
        names = [*reversed(firsts.values())]
        for one, other in combinations(names, 2):
            mine, theirs = ({*sectors_of(self.codebook.variables[n.partition("/")[0]])} for n in (one, other))
            if not mine & theirs:
                return [one, other]
        return names[:2] or [*self.codebook.sectors][:2]

    def _title(self, lang: Language) -> str:
        return json.dumps(
            " × ".join(getattr(self._label(axis), lang) for axis in self.axes), ensure_ascii=False
        )

    def _label(self, axis: str) -> Label:
        name = axis.partition("/")[0]
        return (self.codebook.variables if "/" in axis else self.codebook.sectors)[name].label

    def _describe(self, axis: str) -> str:
        label = getattr(self._label(axis), self.lang)
        if "/" not in axis:
            return f"{label}: ABSENT, PRESENT"
        name, banding = axis.split("/")
        variable = self.codebook.variables[name]
        assert not isinstance(variable, Measure)
        return f"{label}: {', '.join(level.id for level in variable.bandings[banding].levels)}"

    def _others(self) -> Iterator[str]:
        names = [name for name in self.bandings if name not in self.axes]
        if names:
            yield self._say("more", names=", ".join(names))
        example = _written(next(iter(self.codebook.sectors)))
        yield "# … " + _WORDS[self.lang]["presence"].format(example=example)

    def _sums(self) -> Iterator[str]:
        if not self.measures:
            return
        units = []
        for name in self.measures:
            variable = self.codebook.variables[name]
            assert isinstance(variable, Measure)
            units.append(f"{name} ({getattr(variable.unit, self.lang)})")
        yield self._say("measures", names=", ".join(units))
        mark = "" if self.wish.measures else "# "
        yield f"{mark}measures:"
        for name in self.wish.measures or self.measures[:1]:
            yield f"{mark}  - {{variable: {name}}}"


def _wrapped(line: str) -> list[str]:
    """Long comments in several lines."""
    if not line.lstrip().startswith("# "):
        return [line]
    indent = line[: len(line) - len(line.lstrip())] + "# "
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [line]


def _written(axis: str) -> str:
    variable, _, banding = axis.partition("/")
    return f"{{variable: {variable}, banding: {banding}}}" if banding else f"{{presence: {variable}}}"


def _known(kind: str, name: str, names: Collection[str]) -> None:
    if name not in names:
        raise SamklangError("document-unknown-name", kind=kind, name=name, hint=hint(name, set(names)))
