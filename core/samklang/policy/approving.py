"""When people have approved: a function of a request, the policy's approvers, what they signed, and the time.

- Every statement is verified each time, not just when it was entered. One that doesn't verify, or is about
  something else, makes the whole request void: dropping it could turn a no into a yes.
- A person's last word counts. One ``reject`` ends it, whatever else was or will be said.
- ``manual``: one person of the grant's roles. ``two-person``: two persons with two keys, and of two roles
  where the grant lists more than one.
- Whoever asks the question never counts, by name or by key.
- From ``expires`` on nothing counts any more, also what was complete before.

Missing roles, unknown modes and unknown persons count as nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Literal

from samklang.errors import SamklangError
from samklang.identity.keys import VerifyKey
from samklang.model import durations
from samklang.model.approval import Statement, read_statement
from samklang.model.calendar import SKEW
from samklang.model.policy import Approval, Approver

__all__ = ["Asked", "Verdict", "check_statement", "effective", "hours", "judge", "satisfied"]

Mode = Literal["manual", "two-person"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for approval.

    Attributes:
        node, request, query, policy, grant, shown, nano_rho: what a statement must name; see
            :class:`samklang.model.approval.Statement`.
        mode, roles: who has to say yes.
        asker, asker_key: the analyst's id, and the id of the key that signed the query.
        requested, expires: aware instants.
    """

    node: str
    request: str
    query: str
    policy: str
    grant: str
    shown: str
    nano_rho: int
    mode: Mode
    roles: tuple[str, ...]
    asker: str
    asker_key: str
    requested: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """``by``: the yeses that count, or the one no; in the order in which they were entered."""

    state: Literal["waiting", "approved", "rejected", "expired"]
    by: tuple[Statement, ...] = ()


def effective(approval: Approval) -> Mode:
    """Who must say yes once a person is needed: ``auto`` with a condition that holds is ``manual``."""
    return "two-person" if approval.mode == "two-person" else "manual"


def hours(approval: Approval) -> timedelta:
    """``expires`` as a duration."""
    return timedelta(hours=durations.hours(approval.expires))


def check_statement(
    statement: Statement, asked: Asked, approvers: Mapping[str, Approver], earlier: Sequence[Statement]
) -> None:
    """Return if a verified ``statement`` is about ``asked``, by somebody who may speak, and newer than all
    that the same person said before.

    Raises:
        SamklangError: ``approval-other``, ``approval-role``, ``approval-own-query``, ``approval-repeated``,
            ``approval-nothing-to-withdraw``.
    """
    for what, said, wanted in (
        ("node", statement.node, asked.node),
        ("request", statement.request, asked.request),
        ("query", statement.query, asked.query),
        ("policy", statement.policy, asked.policy),
        ("grant", statement.grant, asked.grant),
        ("what was shown", statement.shown, asked.shown),
        ("cost", statement.nano_rho, asked.nano_rho),
    ):
        if said != wanted:
            raise SamklangError("approval-other", what=what)
    person, role = statement.person, statement.role
    if role not in asked.roles:
        raise SamklangError("approval-role", name=person, role=role, needed=", ".join(asked.roles) or "-")
    key = VerifyKey.from_text(approvers[person].key).keyid
    if person == asked.asker or key == asked.asker_key:
        raise SamklangError("approval-own-query", name=person)
    if not asked.requested - SKEW <= statement.at < asked.expires:
        raise SamklangError("approval-other", what="time")
    mine = [said for said in earlier if said.person == person]
    if mine and statement.at <= mine[-1].at:
        raise SamklangError("approval-repeated", name=person)
    before = mine[-1].word if mine else "nothing"
    if before == statement.word:
        raise SamklangError("approval-repeated", name=person)
    if statement.word == "withdraw" and before != "approve":
        raise SamklangError("approval-nothing-to-withdraw", name=person)


def satisfied(yes: Sequence[tuple[str, str, str]], mode: str, roles: Sequence[str]) -> bool:
    """Whether these (person, role, key) are enough."""
    able = [one for one in yes if one[1] in roles]
    if mode == "manual":
        return bool(able)
    if mode != "two-person":
        return False
    apart = len({*roles}) > 1
    return any(
        a[0] != b[0] and a[2] != b[2] and (not apart or a[1] != b[1]) for a, b in combinations(able, 2)
    )


def judge(
    asked: Asked, approvers: Mapping[str, Approver], envelopes: Sequence[bytes], now: datetime
) -> Verdict:
    """What people have decided until ``now``.

    Args:
        approvers: of the policy that ``asked.policy`` names.
        envelopes: everything that was entered for this request, in that order.

    Raises:
        SamklangError: ``approval-void``: something among it doesn't verify.
    """
    said: list[Statement] = []
    for envelope in envelopes:
        try:
            statement = read_statement(envelope, approvers)
            check_statement(statement, asked, approvers, said)
        except SamklangError as error:
            raise SamklangError("approval-void", private=error.code) from None
        said.append(statement)
    for statement in said:
        if statement.word == "reject":
            return Verdict("rejected", (statement,))
    if now >= asked.expires:
        return Verdict("expired")
    last = {statement.person: statement for statement in said}
    yes = [statement for statement in said if last[statement.person] is statement]
    yes = [statement for statement in yes if statement.word == "approve"]
    enough = satisfied([(s.person, s.role, approvers[s.person].key) for s in yes], asked.mode, asked.roles)
    return Verdict("approved" if enough else "waiting", tuple(yes))
