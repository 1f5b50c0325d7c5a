"""A draft and today's policy over one history, side by side with what was said then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from samklang.cli.policy.context import Context
from samklang.cli.policy.history import History, Past, Source, history_of
from samklang.cli.policy.replaying import Replay, Said, UsedUp
from samklang.errors import SamklangError
from samklang.policy.rows import assumed

__all__ = ["RANK", "Report", "Row", "Total", "replayed"]

RANK: Final = {"deny": 0, "pending": 1, "permit": 2}

Why = Literal["policy", "documents", "budget", "approval", "differencing", "node", "unexplained"]


@dataclass(frozen=True)
class Row:
    """One question. ``why``: what made today's answer another one than that of then; empty if it is none."""

    past: Past
    day: date
    moved: date
    now: Said
    draft: Said
    why: tuple[Why, ...]

    @property
    def changed(self) -> bool:
        """Whether the draft says something else than today's policy."""
        return (self.now.outcome, self.now.codes) != (self.draft.outcome, self.draft.codes)

    @property
    def direction(self) -> int:
        """1: answered more readily under the draft, -1: less."""
        before, after = RANK[self.now.outcome], RANK[self.draft.outcome]
        return (after > before) - (after < before)


@dataclass(frozen=True)
class Total:
    """Of one purpose and organisation; ``charged_*`` in nano-ρ."""

    purpose: str
    organisation: str
    asked: int
    now: int
    draft: int
    wider: int
    narrower: int
    charged_now: int
    charged_draft: int


@dataclass(frozen=True)
class Report:
    """What came out.

    Attributes:
        moved: days between when a question was asked and when the draft is asked it.
        again: charges of further attempts, which a replay leaves out.
        assumed: questions that the draft charges and that had not been permitted.
        outside: questions on days on which the draft isn't valid.
        capped: whether the node's own caps are known.
        apart: questions of which it had to be assumed, under either policy, that rows can be told apart.
    """

    source: Source
    history: History
    rows: Sequence[Row]
    moved: timedelta
    budget_now: Sequence[UsedUp]
    budget_draft: Sequence[UsedUp]
    again: int
    assumed: int
    outside: int
    capped: bool
    apart: int

    @property
    def lost(self) -> list[Past]:
        return [past for past in self.history.questions if past.lost]

    @property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if row.changed]

    @property
    def wider(self) -> int:
        return sum(row.direction > 0 for row in self.rows)

    def totals(self) -> list[Total]:
        """By purpose and organisation, as they were asked."""
        groups: dict[tuple[str, str], list[Row]] = {}
        for row in self.rows:
            verified = row.past.verified
            assert verified is not None, "rows are of questions that aren't lost"
            purpose = f"{verified.query.purpose.family}/{verified.query.purpose.id}"
            groups.setdefault((purpose, verified.organisation), []).append(row)
        return [
            Total(
                purpose,
                organisation,
                asked=len(rows),
                now=sum(row.now.outcome == "permit" for row in rows),
                draft=sum(row.draft.outcome == "permit" for row in rows),
                wider=sum(row.direction > 0 for row in rows),
                narrower=sum(row.direction < 0 for row in rows),
                charged_now=sum(row.now.charged for row in rows),
                charged_draft=sum(row.draft.charged for row in rows),
            )
            for (purpose, organisation), rows in sorted(groups.items())
        ]


def replayed(source: Source, today: Context, draft: Context, first: date | None = None) -> Report:
    """Ask everything again, in order.

    Args:
        today: the policy that holds.
        first: the draft is asked as if the first question had come on this day, the others as much later as
            they were; None: on the days on which they were asked.

    Raises:
        SamklangError: ``policy-other-node``: the draft was written for another node.
    """
    said_by = draft.policy.document.policy
    if said_by.node != source.node:
        raise SamklangError(
            "policy-other-node", policy=said_by.id, written_for=said_by.node, node=source.node
        )
    history = history_of(source)
    days = [past.day for past in history.questions if past.day]
    moved = first - min(days) if first and days else timedelta(0)
    apart = source.attributed
    now = Replay(today, source.node, source.caps, attributed=apart)
    alike = draft.manifest is today.manifest and draft.codebook is today.codebook
    then = Replay(draft, source.node, source.caps, now.read if alike else None, attributed=apart)
    rows, digest_now, guessed = [], today.policy.digest, 0
    asked_of = (today.policy.document, timedelta(0)), (draft.policy.document, moved)
    for past in history.questions:
        if past.day is None:
            continue
        if past.lost:
            now.count(past, past.day)
            then.count(past, past.day + moved)
            continue
        guessed += any(assumed(policy, apart, past.day + later) for policy, later in asked_of)
        said, drafted = now.ask(past, past.day), then.ask(past, past.day + moved)
        why = _why(past, said, digest_now, source)
        rows.append(Row(past, past.day, past.day + moved, said, drafted, why))
    valid = said_by.valid
    return Report(
        source=source,
        history=history,
        rows=rows,
        moved=moved,
        budget_now=[*now.used_up.values()],
        budget_draft=[*then.used_up.values()],
        again=sum(max(0, len(row.past.charges) - 1) for row in rows),
        assumed=sum(bool(row.draft.charged) and row.past.then != "permit" for row in rows),
        outside=sum(not valid.from_ <= row.moved <= valid.until for row in rows),
        capped=source.caps is not None,
        apart=guessed,
    )


_PEOPLE: Final = ("approval-", "policy-approval")


def _why(past: Past, now: Said, policy: str, source: Source) -> tuple[Why, ...]:
    """What made the two differ, as far as the log tells."""
    word = "pending" if past.waited and past.then in ("permit", "pending") else past.then
    if now.outcome == word and (word != "deny" or now.codes == past.codes):
        return ()
    found: list[Why] = []
    decided = past.asked.of("asked")
    if any(entry.value("policy") not in (None, policy) for entry in decided):
        found.append("policy")
    pinned = past.verified and past.verified.query.codebook != source.manifest.codebook
    if pinned or now.by == "documents":
        found.append("documents")
    codes = {*past.codes, *now.codes}
    if "ledger-cap" in codes:
        found.append("budget")
    if past.waited or past.approved or any(code.startswith(_PEOPLE) for code in codes):
        found.append("approval")
    overlaps = any("overlaps" in dict(entry.value("details") or {}) for entry in decided)
    if "policy-differencing" in codes or overlaps or now.by == "differencing":
        found.append("differencing")
    if any(not code.startswith(("policy-", "ledger-", "approval-")) for code in past.codes):
        found.append("node")
    return tuple(found) or ("unexplained",)
