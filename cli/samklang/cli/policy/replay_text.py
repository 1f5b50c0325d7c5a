"""A replay for people, and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from samklang.audit.question import in_brief
from samklang.audit.words import DECISIONS, family, word
from samklang.cli.output import Output, as_dict, table
from samklang.cli.policy.history import Past
from samklang.cli.policy.replayed import Report, Row
from samklang.cli.policy.replaying import Said, UsedUp
from samklang.errors import CATALOGUE

__all__ = ["ASSUMED_OF", "replay_text", "replay_value"]

ASSUMED_OF: Final = (
    "Assumed for {number} of the questions: the tables in the node's configuration say whose their rows are, "
    "so rows of controllers that don't take part are left out. Where they don't, these are refused. --config "
    "says which it is."
)

_LOST: Final = {
    "unverified": "refused then, before anybody could tell whose it was",
    "erased": "part of its entry was erased",
    "not-kept": "its query isn't kept: pruned, erased, or from before queries were kept",
    "number": "its query isn't kept: something in its text looks like a CPR number",
    "size": "its query isn't kept: it is too long",
}

_WHY: Final = {
    "policy": "another policy held then",
    "documents": "manifest or codebook are others now",
    "budget": "the budget decided",
    "approval": "people decided",
    "differencing": "an earlier question decided",
    "node": "the node couldn't take part then",
    "unexplained": "nothing in the log explains it",
}


def replay_value(report: Report) -> dict[str, Any]:
    """For machines."""
    rows = report.rows
    return {
        "node": report.source.node,
        "entries": len(report.source.entries),
        "requests": len(rows),
        "wider": report.wider,
        "narrower": sum(row.direction < 0 for row in rows),
        "moved_days": report.moved.days,
        "outside_validity": report.outside,
        "further_attempts": report.again,
        "assumed_charges": report.assumed,
        "node_caps_known": report.capped,
        "assumed_rows_told_apart": report.apart,
        "totals": [
            {
                "purpose": t.purpose, "organisation": t.organisation, "asked": t.asked, "now": t.now,
                "draft": t.draft, "wider": t.wider, "narrower": t.narrower,
                "nano_rho_now": t.charged_now, "nano_rho_draft": t.charged_draft,
            }
            for t in report.totals()
        ],
        "changed": [_value(row) for row in report.changed],
        "otherwise_then": [_value(row) for row in rows if row.why],
        "used_up": {"now": [*map(_used, report.budget_now)], "draft": [*map(_used, report.budget_draft)]},
        "lost": [{"number": p.number, "day": _iso(p.day), "why": p.lost, "query": p.asked.digest}
                 for p in report.lost],
        "deleted": [*report.history.deleted],
    }  # fmt: skip


def _value(row: Row) -> dict[str, Any]:
    past, verified = row.past, row.past.verified
    assert verified is not None, "rows are of questions that aren't lost"
    return {
        "number": past.number,
        "day": row.day.isoformat(),
        "draft_day": row.moved.isoformat(),
        "analyst": verified.analyst,
        "organisation": verified.organisation,
        "role": verified.role,
        "purpose": f"{verified.query.purpose.family}/{verified.query.purpose.id}",
        "query": past.asked.digest,
        "then": {"decision": past.then, "codes": past.codes, "approvers": past.asked.approvers},
        "now": _said(row.now),
        "draft": _said(row.draft),
        "why_otherwise_then": list(row.why),
    }


def _said(said: Said) -> dict[str, Any]:
    reasons = [{**as_dict(reason), "clause": reason.clause} for reason in said.reasons]
    return {
        "decision": said.outcome, "codes": said.codes, "by": said.by, "nano_rho": said.charged,
        "reasons": reasons,
    }  # fmt: skip


def _used(one: UsedUp) -> dict[str, Any]:
    return {
        "grant": one.grant, "period": one.period, "span": one.span, "day": one.first.isoformat(),
        "number": one.number, "refused": one.refused,
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def replay_text(report: Report, output: Output) -> str:
    """For people: how many, by whom; the budget; then what changes, one by one."""
    return "\n".join(_Writer(report, output).lines())


class _Writer:
    def __init__(self, report: Report, output: Output) -> None:
        self.report = report
        self.say = output.say
        self.lang = output.lang

    def lines(self) -> Iterator[str]:
        report = self.report
        days = [row.day for row in report.rows]
        yield self.say(
            "{node}: {questions} questions in the log, {asked} of them asked again",
            node=report.source.node,
            questions=len(report.history.questions),
            asked=len(report.rows),
        )
        if days:
            yield "  " + self.say("asked from {first} to {last}", first=_day(days[0]), last=_day(days[-1]))
        if report.moved:
            first = min(row.moved for row in report.rows)
            yield "  " + self.say("the draft is asked them from {first} on", first=_day(first))
        yield from self._lost()
        if report.rows:
            yield from ("", self._totals())
        yield from self._budget()
        if report.changed:
            yield from ("", self.say("What the draft changes"))
            for row in report.changed:
                yield from self._row(row)
        yield from self._then()
        yield ""
        if report.outside:
            valid = report.outside
            yield self.say(
                "The draft isn't valid on the day of {number} of these questions: move them with --day.",
                number=valid,
            )
        yield self.say(
            "{changed} of {requests} requests are answered otherwise, {wider} more readily",
            changed=len(report.changed),
            requests=len(report.rows),
            wider=report.wider,
        )

    def _lost(self) -> Iterator[str]:
        report = self.report
        groups: dict[str, list[Past]] = {}
        for past in report.lost:
            groups.setdefault(past.lost, []).append(past)
        for why, pasts in groups.items():
            numbers = ", ".join(f"#{past.number}" for past in pasts)
            yield "  " + self.say(
                "not asked again: {numbers}: {why}", numbers=numbers, why=self._why_lost(why)
            )
        if report.history.deleted:
            numbers = _ranges(report.history.deleted)
            yield "  " + self.say(
                "not asked again: {numbers}: these entries say nothing any more (retention)", numbers=numbers
            )

    def _why_lost(self, why: str) -> str:
        if why in _LOST:
            return self.say(_LOST[why])
        entry = CATALOGUE.get(why)
        said = entry and (entry.what_da if self.lang == "da" else entry.what)
        return f"{why}: {said}" if said and "{" not in said else why

    def _totals(self) -> str:
        header = ("purpose", "asked by", "asked", "permitted today", "by the draft", "wider", "narrower")
        cells = [
            (
                family(self.lang, t.purpose), t.organisation, t.asked, t.now, t.draft, t.wider, t.narrower,
                self._rho(t.charged_now), self._rho(t.charged_draft),
            )
            for t in self.report.totals()
        ]  # fmt: skip
        rho = (self.say("rho today"), self.say("rho by the draft"))
        return table(cells, [*map(self.say, header), *rho])

    def _budget(self) -> Iterator[str]:
        report = self.report
        for text, found in (
            ("Under the draft, {what} is used up on {day} (#{number}); refused for it: {refused}",
             report.budget_draft),
            ("Under today's policy, {what} is used up on {day} (#{number}); refused for it: {refused}",
             report.budget_now),
        ):  # fmt: skip
            for one in found:
                said = {"day": _day(one.first), "number": one.number, "refused": one.refused}
                yield from ("", self.say(text, what=self._budget_of(one), **said))
        if report.again or report.assumed:
            yield ""
        if report.again:
            yield self.say(
                "Further attempts that were charged then, but not here: {number}", number=report.again
            )
        if report.assumed:
            yield self.say(
                "Questions that weren't permitted then, and are charged here as if they had run: {number}",
                number=report.assumed,
            )
        if not report.capped:
            yield self.say("The node's own caps aren't known here: only the grants' budgets count.")
        if report.apart:
            yield self.say(ASSUMED_OF, number=report.apart)

    def _budget_of(self, one: UsedUp) -> str:
        scope = (
            self.say("the node's own cap")
            if one.grant is None
            else self.say("the budget of the grant {grant}", grant=one.grant)
        )
        if one.period == "lifetime":
            return self.say("{scope} altogether", scope=scope)
        if one.period == "year":
            return self.say("{scope} for the year {span}", scope=scope, span=one.span)
        year, _, month = one.span.partition("-")
        return self.say("{scope} for the month {span}", scope=scope, span=f"{month}.{year}")

    def _row(self, row: Row) -> Iterator[str]:
        yield ""
        yield from self._head(row)
        yield from self._answer("today: {said}", row.now)
        yield from self._answer("draft: {said}", row.draft)

    def _answer(self, text: str, said: Said) -> Iterator[str]:
        """With its reasons, each with the clause it comes from."""
        yield "  " + self.say(text, said=self._said(said.outcome, said.codes))
        for reason in said.reasons:
            where = (str(reason.at or ""), reason.clause, reason.text(self.lang)[0])
            yield "    " + ": ".join(filter(None, where))

    def _head(self, row: Row) -> Iterator[str]:
        verified = row.past.verified
        assert verified is not None, "rows are of questions that aren't lost"
        who = f"{verified.analyst}, {verified.organisation} ({verified.role})"
        purpose = family(self.lang, f"{verified.query.purpose.family}/{verified.query.purpose.id}")
        yield f"#{row.past.number}  {_day(row.day)}  {who}  {purpose}"
        yield f"  {in_brief(verified.query, self.report.source.codebook, self.lang)}"
        if row.why:
            said = self._said(row.past.then, row.past.codes)
            yield "  " + self.say("then:  {said}; {why}", said=said, why=self._why(row.why))

    def _then(self) -> Iterator[str]:
        """Answered otherwise then, and alike by both policies."""
        rows = [row for row in self.report.rows if row.why and not row.changed]
        if not rows:
            return
        yield from ("", self.say("Answered otherwise then; the draft changes nothing about it"))
        for row in rows:
            yield ""
            yield from self._head(row)
            yield from self._answer("today: {said}", row.now)

    def _why(self, why: Sequence[str]) -> str:
        return ", ".join(self.say(_WHY[one]) for one in why)

    def _said(self, outcome: str, codes: Sequence[str]) -> str:
        decision = word(self.lang, DECISIONS, outcome)
        return f"{decision} ({', '.join(codes)})" if codes else decision

    def _rho(self, nano_rho: int) -> str:
        text = f"{nano_rho / 1e9:.5f}"
        return text.replace(".", ",") if self.lang == "da" else text


def _day(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def _ranges(numbers: Sequence[int]) -> str:
    """``#3-#17, #20``."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return ", ".join(f"#{run[0]}" if len(run) == 1 else f"#{run[0]}-#{run[-1]}" for run in found)
