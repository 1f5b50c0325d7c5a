"""A request as a person reads it: what exactly will be answered, to whom, why, and at which cost."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from samklang.errors import Language
from samklang.errors.times import day, moment
from samklang.model.approval import Statement
from samklang.model.articles import basis as basis_text
from samklang.model.base import Label
from samklang.model.durations import in_words
from samklang.node.approvals.desk import SHORT, Case
from samklang.node.approvals.shown import Axis, Kept, Shown, Used
from samklang.node.approvals.words import say, say_n

__all__ = ["text"]

WIDTH: Final = 96


def text(case: Case, lang: Language) -> str:
    """The whole request in lines of at most about :data:`WIDTH` characters."""
    return "\n".join(_Writer(case, lang).lines())


class _Writer:
    def __init__(self, case: Case, lang: Language) -> None:
        self.case = case
        self.shown: Shown = case.request.shown
        self.lang: Language = lang

    def say(self, text: str, **values: object) -> str:
        return say(self.lang, text, **values)

    def say_n(self, one: str, many: str, n: int, **values: object) -> str:
        return say_n(self.lang, one, many, n, **values)

    def lines(self) -> Iterator[str]:
        case, shown = self.case, self.shown
        state, until = self.say(case.state), moment(shown.expires, self.lang)
        yield self.say(
            "Request {id}: {state}, until {until}", id=case.request.id[:SHORT], state=state, until=until
        )
        yield self._label(shown.title)
        yield from self._part("What is asked", self._asked())
        yield from self._part("What is answered", self._answered())
        yield from self._part("Who asks, and who gets the answer", self._who())
        yield from self._part("For what, and on which basis", self._basis())
        yield from self._part("What it costs", self._cost())
        yield from self._part("Why a person decides", (self._label(why) for why in shown.why))
        if shown.notes:
            yield from self._part("To know before", (self._label(note) for note in shown.notes))
        yield from self._part("Who decides", self._decides())
        yield ""
        yield self.say("What you sign is exactly this document: code {seen}", seen=case.seen)

    def _part(self, title: str, lines: Iterable[str]) -> Iterator[str]:
        yield ""
        yield self.say(title)
        for line in lines:
            indent = " " * (2 + len(line) - len(line.lstrip(" ")))
            yield from textwrap.wrap(
                line.strip(), WIDTH, initial_indent=indent, subsequent_indent=indent + "  "
            ) or [""]

    def _asked(self) -> Iterator[str]:
        shown = self.shown
        axes = self._and([self._label(axis.label) for axis in shown.axes])
        measures = self._and([*self._measures()])
        if measures:
            yield self.say(
                "The number of citizens, and for them {measures}, by {axes}.", measures=measures, axes=axes
            )
        else:
            yield self.say("The number of citizens by {axes}.", axes=axes)
        for axis in shown.axes:
            yield from self._axis(axis)
        yield from self._group()
        if shown.filter:
            conditions = self._and([self._kept(kept) for kept in shown.filter])
            yield self.say("Only citizens for whom {conditions}", conditions=conditions)
        period = shown.period
        last = period.until - timedelta(days=1)
        yield self.say(
            "Period: {first} to {last}; states as of {as_of}",
            first=day(period.from_, self.lang),
            last=day(last, self.lang),
            as_of=day(period.as_of, self.lang),
        )

    def _measures(self) -> Iterator[str]:
        for measure in self.shown.measures:
            name = self._label(measure.label)
            if measure.how == "count":
                yield self.say("how many have a value for {name}", name=name)
            else:
                yield self.say(
                    "the sum of {name} ({unit}; {low} to {high} of each citizen)",
                    name=name,
                    unit=self._label(measure.unit),
                    low=measure.low,
                    high=measure.high,
                )

    def _axis(self, axis: Axis) -> Iterator[str]:
        levels = ", ".join(self._label(level.label) for level in axis.levels if level.released)
        yield "  " + self.say("{label}: {levels}", label=self._label(axis.label), levels=levels)
        if kept_back := [self._label(level.label) for level in axis.levels if not level.released]:
            yield "    " + self.say("not released: {levels}", levels=", ".join(kept_back))

    def _group(self) -> Iterator[str]:
        group = self.shown.group
        yield self.say("About: {group}", group=self._label(group.label))
        if not group.parts:
            return
        yield "  " + self.say("at least {number} of these sectors say so:", number=group.at_least)
        for part in group.parts:
            sector = self._label(part.sector)
            if part.conditions:
                conditions = self._and([self._kept(kept) for kept in part.conditions])
                yield "    " + self.say("{sector}: {conditions}", sector=sector, conditions=conditions)
            else:
                yield "    " + self.say("{sector}: whoever is known there", sector=sector)

    def _kept(self, kept: Kept) -> str:
        levels = self._join([self._label(level) for level in kept.levels], " or ")
        return self.say("{label} is {levels}", label=self._label(kept.label), levels=levels)

    def _answered(self) -> Iterator[str]:
        shown = self.shown
        table = self.say_n("A table of {n} cell.", "A table of {n} cells.", shown.cells)
        opened = self.say_n(
            "Two of the partners see {n} cell on the way, with noise.",
            "Two of the partners see {n} cells on the way, with noise.",
            shown.opened,
        )
        yield f"{table} {opened}"
        yield self.say(
            "Every count carries random noise: its standard deviation is {sd}, ± {half} in 95 of 100 cells.",
            sd=self._local(shown.sd),
            half=self._local(shown.half),
        )
        if margin := shown.margin:
            yield self.say_n(
                "Beside it a margin with numbers of its own: {n} cell by {axes}, ± {half}.",
                "Beside it a margin with numbers of its own: {n} cells by {axes}, ± {half}.",
                margin.cells,
                axes=self._and([self._label(axis.label) for axis in margin.axes]),
                half=self._local(margin.half),
            )
            for axis in margin.axes:
                yield from self._axis(axis)
        for measure in shown.measures:
            yield self.say(
                "The sum of {name} in a cell carries noise with a standard deviation of {sd} {unit} at most.",
                name=self._label(measure.label),
                sd=self._local(measure.sd),
                unit=self._label(measure.unit),
            )
        yield self.say_n(
            "A cell is shown from {shown_from} (with noise) on; one with fewer than {n} citizen passes in at "
            "most 1 of 100 cases.",
            "A cell is shown from {shown_from} (with noise) on; one with fewer than {n} citizens passes in "
            "at most 1 of 100 cases.",
            shown.min_count,
            shown_from=shown.shown_from,
        )
        yield self.say(
            "Shown does not mean large: the smallest cell that can be behind a shown number has no citizen."
        )
        uses = "; ".join(self._use(use) for use in shown.used)
        yield self.say("Of this node's records: {uses}", uses=uses)
        if shown.partners:
            yield self.say("Together with data of: {partners}", partners=", ".join(shown.partners))
        else:
            yield self.say("With no other organisation's data.")
        yield self.say("No row and no exact number leaves the node readable.")

    def _use(self, use: Used) -> str:
        """As a policy's rules are told (:mod:`samklang.policy.names`), with the label that was signed."""
        if use.name.startswith("presence of "):
            sector = use.name.removeprefix("presence of ")
            text = "known in the sector {label} or not (`{name}`)"
            return self.say(text, label=self._label(use.label), name=sector)
        return f"{self._label(use.label)} (`{use.name.removesuffix(' as measure')}`)"

    def _who(self) -> Iterator[str]:
        shown = self.shown
        who = {"analyst": shown.analyst, "organisation": shown.organisation, "role": shown.role}
        yield self.say("{analyst} of {organisation}, in the role {role}", **who)
        yield self.say("The answer goes to: {recipients}", recipients=", ".join(shown.recipients))

    def _basis(self) -> Iterator[str]:
        shown = self.shown
        yield self.say(
            "Purpose ({family}): {purpose}", family=self.say(shown.family), purpose=shown.purpose_granted
        )
        if shown.purpose_asked:
            yield self.say("In the analyst's words: {purpose}", purpose=shown.purpose_asked)
        basis = f"{basis_text(shown.gdpr, shown.danish, self.lang)}; {shown.decision}"
        yield self.say("Basis: {basis}", basis=basis)
        yield self.say(
            "Grant {grant} of the policy {policy}, version {version}",
            grant=shown.grant,
            policy=shown.policy_id,
            version=shown.policy_version,
        )
        registers = ", ".join(shown.registers)
        if shown.consent == "opt-in":
            yield self.say("Only citizens who have consented in {registers} take part.", registers=registers)
        elif shown.consent == "opt-out":
            yield self.say(
                "Citizens who have objected in {registers} are left out before anything is computed.",
                registers=registers,
            )
        else:
            yield self.say("No register of consents or objections applies.")
        kept = {
            "release": in_words(shown.retention_release, self.lang),
            "audit": in_words(shown.retention_audit, self.lang),
        }
        yield self.say("Kept: the answer {release}, the log's entry {audit}", **kept)

    def _cost(self) -> Iterator[str]:
        shown = self.shown
        yield self.say(
            "Every answer uses up some of what answers together may tell about a citizen, and that doesn't "
            "come back."
        )
        yield self.say("After it there is room for more of this size: {room}.", room=self._room())
        yield self.say_n(
            "epsilon {epsilon} (delta {delta}): {rho} rho for each attempt, at most {n} attempt",
            "epsilon {epsilon} (delta {delta}): {rho} rho for each attempt, at most {n} attempts",
            shown.attempts,
            epsilon=self._local(shown.epsilon),
            delta=shown.delta,
            rho=self._rho(shown.nano_rho),
        )
        for period, before, after in (
            (self.say("this month"), shown.left.month, shown.left_after.month),
            (self.say("this year"), shown.left.year, shown.left_after.year),
            (self.say("altogether"), shown.left.lifetime, shown.left_after.lifetime),
        ):
            if before is not None and after is not None:
                yield "  " + self.say(
                    "{period}: {before} rho left before, {after} after one attempt",
                    period=period,
                    before=self._rho(before),
                    after=self._rho(after),
                )
        left = self._local(shown.epsilon_left_after)
        yield "  " + self.say("What is left of the month is then epsilon {epsilon}.", epsilon=left)

    def _room(self) -> str:
        """How many more questions that cost as much each period has room for, after one attempt."""
        after, cost = self.shown.left_after, max(1, self.shown.nano_rho)
        periods = (
            (self.say("this month"), after.month),
            (self.say("this year"), after.year),
            (self.say("altogether"), after.lifetime),
        )
        return ", ".join(f"{period} {left // cost}" for period, left in periods if left is not None)

    def _decides(self) -> Iterator[str]:
        shown = self.shown
        roles = ", ".join(shown.roles)
        if shown.mode == "manual" and len(shown.roles) == 1:
            yield self.say("one person with the role {roles}", roles=roles)
        elif shown.mode == "manual":
            yield self.say("one person with one of the roles {roles}", roles=roles)
        elif len(shown.roles) > 1:
            yield self.say("two persons, with different ones of the roles {roles}", roles=roles)
        else:
            yield self.say("two persons with the role {roles}", roles=roles)
        if not self.case.said:
            yield self.say("Nobody has said anything yet.")
        if self.case.state == "waiting":
            until = moment(shown.expires, self.lang)
            yield self.say("If it isn't approved by {until}, nothing is answered.", until=until)
        yield from (self._statement(statement) for statement in self.case.said)
        for use in self.case.uses:
            at = moment(use.at, self.lang)
            yield self.say("Rows left the node at {at}, in attempt {attempt}.", at=at, attempt=use.attempt)

    def _statement(self, said: Statement) -> str:
        who = {"at": moment(said.at, self.lang), "person": said.person, "role": said.role}
        if said.word == "approve":
            return self.say("{at}  {person} ({role}): yes", **who)
        if said.word == "withdraw":
            return self.say("{at}  {person} ({role}): takes the yes back", **who)
        return self.say("{at}  {person} ({role}): no: {why}", **who, why=said.why)

    def _label(self, label: Label | object) -> str:
        return str(getattr(label, self.lang))

    def _and(self, parts: Sequence[str]) -> str:
        return self._join(parts, " and ")

    def _join(self, parts: Sequence[str], last: str) -> str:
        return self.say(last).join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))

    def _rho(self, nano_rho: int) -> str:
        return self._local(format(Decimal(nano_rho).scaleb(-9).quantize(Decimal("0.00001")), "f"))

    def _local(self, number: str) -> str:
        return number.replace(".", ",") if self.lang == "da" else number
