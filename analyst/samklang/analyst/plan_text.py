"""A plan as an analyst reads it: can it be asked, what would it give, what does it cost, what is better."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from samklang.analyst.plan import NodeAnswer, Plan
from samklang.analyst.plan_words import WORDS
from samklang.analyst.status import local
from samklang.errors import Language
from samklang.model.policy import WHOLE_POPULATION
from samklang.protocol.planning.alternatives import Alternative
from samklang.protocol.planning.changes import Change
from samklang.protocol.planning.precision import WITHIN, MeasurePrecision

__all__ = ["text"]

WIDTH: Final = 100
PERIODS: Final = ("month", "year", "lifetime")
UNKNOWN: Final = "policy-purpose-unknown"


def text(plan: Plan, lang: Language) -> str:
    """The plan in lines of at most about :data:`WIDTH` characters."""
    return "\n".join(_Writer(plan, lang).lines())


class _Writer:
    def __init__(self, plan: Plan, lang: Language) -> None:
        self.plan = plan
        self.lang: Language = lang
        self.percent = round(100 * WITHIN)

    def say(self, key: str, **values: object) -> str:
        return WORDS[self.lang][key].format(**values)

    def lines(self) -> Iterator[str]:
        plan = self.plan
        yield getattr(plan.title, self.lang)
        yield self._verdict()
        if plan.stored:
            yield self.say("stored", at=local(plan.stored))
        yield ""
        yield self.say("answer")
        numbers = {"released": plan.released, "opened": plan.opened, "shown_from": plan.shown_from}
        yield "  " + self.say("cells", half=self._number(plan.half), **numbers)
        if plan.margin_cells is not None:
            half = self._number(plan.margin_half or 0.0)
            yield "  " + self.say("margin", cells=plan.margin_cells, half=half)
        yield from (f"  {line}" for line in (*self._rules(), *self._expected()))
        yield ""
        yield from self._cost()
        if plan.alternatives:
            yield ""
            yield self.say("coarser")
            yield from (f"  {self._alternative(found)}" for found in plan.alternatives)
        yield ""
        if plan.effort:
            seconds, megabytes = plan.effort.seconds, plan.effort.megabytes
            yield self.say("effort", seconds=self._number(seconds), megabytes=self._number(megabytes))
        yield self.say("end")
        if plan.source:
            yield from textwrap.wrap(self.say("source", source=plan.source), WIDTH)

    def _verdict(self) -> str:
        others = [node for node in self.plan.nodes if node.decision != "permit"]
        if self.plan.stored or not others:
            return self.say("yes", n=len(self.plan.nodes))
        return self.say("no", nodes=", ".join(f"{n.node} ({self.say(n.decision)})" for n in others))

    def _rules(self) -> Iterator[str]:
        plan = self.plan
        of = ", ".join(plan.min_count_of)
        yield self.say("least_of" if of else "least", least=plan.min_count, nodes=of)
        if plan.secondary_of:
            yield self.say("secondary", nodes=", ".join(plan.secondary_of))

    def _expected(self) -> Iterator[str]:
        plan, found = self.plan, self.plan.precision
        if found is not None:
            yield self.say(
                "citizens",
                citizens=self._number(found.citizens),
                shown=_percent(found.shown),
                cells=round(found.shown_cells),
                released=plan.released,
            )
            yield self.say(
                "within",
                within=_percent(found.within),
                percent=self.percent,
                typical=self._number(found.typical),
                half=self._number(plan.half),
            )
            share = plan.detectable / found.typical if found.typical else 0.0
            yield self.say("detectable", count=self._number(plan.detectable), share=_percent(share))
        elif plan.missing == (WHOLE_POPULATION,):
            yield self.say("nothing")
        elif plan.missing:
            yield self.say("unknown", names=", ".join(plan.missing))
        if plan.borrowed:
            yield self.say("borrowed", names=", ".join(plan.borrowed))
        yield from (self._measure(measure) for measure in plan.measures)
        if plan.crowded:
            yield self.say("crowded")

    def _measure(self, measure: MeasurePrecision) -> str:
        unit = measure.unit_da if self.lang == "da" else measure.unit_en
        line = self.say("sum", name=measure.name, sum=self._number(measure.sum_half), unit=unit)
        if measure.mean_half is None:
            return line
        mean = f"{self._number(measure.mean)} " if measure.mean is not None else ""
        least = self._number(self.plan.detectable_mean(measure) or 0.0)
        return line + self.say("mean", mean=mean, half=self._number(measure.mean_half), least=least)

    def _cost(self) -> Iterator[str]:
        plan = self.plan
        epsilon, rho = self._local(plan.epsilon), self._local(f"{plan.nano_rho / 1e9:.5f}")
        yield self.say(
            "cost-anew" if plan.stored else "cost", epsilon=epsilon, delta=plan.delta.lower(), rho=rho
        )
        name = max(len(node.node) for node in plan.nodes)
        says = max(len(self.say(node.decision)) for node in plan.nodes)
        columns = [self.say(period) for period in PERIODS]
        blank = " " * (name + says + 4)
        yield f"  {blank}{self.say('left')}:"
        yield f"  {blank}" + "  ".join(columns)
        for node in plan.nodes:
            said = self.say(node.decision).ljust(says)
            yield f"  {node.node.ljust(name)}  {said}  {self._left(node, columns)}".rstrip()
        accounts = self.say("accounts")
        yield from textwrap.wrap(accounts, WIDTH, initial_indent="  ", subsequent_indent="  ")
        for node in plan.nodes:
            yield from self._why(node)
        yield from self._amendments()

    def _left(self, node: NodeAnswer, columns: list[str]) -> str:
        if node.decision == "permit" and not node.contributes:
            return self.say("computes")
        counts = [node.queries_left(period) for period in PERIODS]
        shown = ["–" if count is None else str(count) for count in counts]
        if not node.left:
            return ""
        return "  ".join(text.rjust(len(column)) for text, column in zip(shown, columns, strict=True))

    def _why(self, node: NodeAnswer) -> Iterator[str]:
        for reason in node.reasons:
            line = reason.line(self.lang)
            yield from textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="    ")

    def _amendments(self) -> Iterator[str]:
        """The smallest changes, those that several nodes ask for once."""
        wanted: dict[tuple[Change, ...], list[str]] = {}
        for node in self.plan.nodes:
            if node.changes:
                wanted.setdefault(node.changes, []).append(node.node)
        for changes, nodes in wanted.items():
            change = "; ".join(self._change(change) for change in changes)
            line = f"{', '.join(nodes)} {self.say('would')}: {change}"
            yield from textwrap.wrap(line, WIDTH, initial_indent="  → ", subsequent_indent="    ")
        yield from self._purposes()

    def _purposes(self) -> Iterator[str]:
        """What may be asked for instead, where a purpose is nobody's and no small change is known."""
        granted: dict[tuple[str, ...], list[str]] = {}
        for node in self.plan.nodes:
            if node.grants and not node.changes and any(r.code == UNKNOWN for r in node.reasons):
                granted.setdefault(node.grants, []).append(node.node)
        for purposes, nodes in granted.items():
            line = self.say("grants", nodes=", ".join(nodes), purposes=", ".join(purposes))
            yield from textwrap.wrap(line, WIDTH, initial_indent="  → ", subsequent_indent="    ")

    def _change(self, change: Change) -> str:
        if not change.new:
            return self.say("out", old=change.old, place=change.place)
        key = "instead" if change.place.startswith("axes") else "set"
        return self.say(key, place=change.place, old=change.old, new=change.new)

    def _alternative(self, found: Alternative) -> str:
        worth = self.say(
            "coarse",
            cells=found.cells,
            shown=_percent(found.precision.shown),
            within=_percent(found.precision.within),
            percent=self.percent,
        )
        return f"{self._change(found.change)}: {worth}"

    def _number(self, value: float) -> str:
        """Two digits that mean something, thousands apart as the language has it."""
        digits = 0 if abs(value) >= 10 else 1 if abs(value) >= 1 else 2
        return self._local(f"{value:,.{digits}f}")

    def _local(self, shown: str) -> str:
        return shown.translate(str.maketrans(",.", ".,")) if self.lang == "da" else shown


def _percent(share: float) -> str:
    """Never 100 % unless it is: a share just below is "over 99 %"."""
    shown = round(100 * share)
    return f"> {99} %" if shown == 100 and share < 0.9999 else f"{shown} %"
