"""Deny by default: a request is permitted if every check positively passes for one whole grant.

- All checks run, also when one has said no, so that all reasons come back at once.
- A check that raises, or returns anything but its pass, is a reason to deny.
- A grant is picked by the query's purpose id; purpose and variables never come from two grants.
- Prohibitions and validity are the document's, and beat every grant; so does the rule that purposes go
  one way.
- What is asked about is the policy narrowed by the federation's floor (:mod:`samklang.policy.enforce`).
- Adding a grant never takes anything away. Decisions depend on documents, on the date, and on whether the
  node's configuration says whose its rows are; never on data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from samklang.model.accession import Accession
from samklang.model.policy import Approval, ApprovalMode, Basis, Budget, Consent, Policy, Retention
from samklang.policy.case import PASSED, Case, Outcome
from samklang.policy.document_checks import DOCUMENT_CHECKS
from samklang.policy.enforce import Enforced
from samklang.policy.grant_checks import GRANT_CHECKS, approval_conditions
from samklang.policy.reasons import Reason
from samklang.policy.request import Request
from samklang.privacy.accounting import rho_from_epsilon

__all__ = ["Caps", "Decision", "Obligations", "Period", "decide"]

Period = Literal["month", "year", "lifetime"]


@dataclass(frozen=True, slots=True)
class Caps:
    """Most nano-ρ in a calendar month, a calendar year and altogether (Europe/Copenhagen)."""

    month: int
    year: int
    lifetime: int | None = None

    def by_period(self) -> tuple[tuple[Period, int | None], ...]:
        """(period, cap); None: no cap."""
        return ("month", self.month), ("year", self.year), ("lifetime", self.lifetime)

    @classmethod
    def from_epsilon(
        cls, delta: Decimal, *, month: Decimal, year: Decimal, lifetime: Decimal | None = None
    ) -> Caps:
        """Caps written as the ε they convert to at ``delta``, rounded down."""
        return cls(
            month=rho_from_epsilon(month, delta),
            year=rho_from_epsilon(year, delta),
            lifetime=None if lifetime is None else rho_from_epsilon(lifetime, delta),
        )

    @classmethod
    def of_grant(cls, budget: Budget) -> Caps:
        """What a grant may spend."""
        return cls.from_epsilon(
            budget.delta,
            month=budget.month.epsilon,
            year=budget.year.epsilon,
            lifetime=budget.lifetime.epsilon if budget.lifetime else None,
        )


@dataclass(frozen=True, slots=True)
class Obligations:
    """What a permit binds the node to.

    Attributes:
        policy, version, grant: where the permit comes from.
        min_count: least noisy count shown, the strictest of defaults and grant.
        secondary_suppression: no hidden cell may follow by subtraction.
        consent: model and registers to apply before a row is made.
        caps: of the grant; the ledger checks them in the transaction that charges.
        nano_rho: the query's budget; a charge must not exceed it.
        retention: how long release and audit entry are kept.
        basis, purpose: for the audit entry.
        approval: what this request needs, who may give it and within which time; ``auto``: nobody has to.
        max_persons: for a return.
        controllers: those that have joined, as :class:`~samklang.model.accession.Members` names them: rows of
            these and of nobody else may be used.
    """

    policy: str
    version: int
    grant: str
    min_count: int
    secondary_suppression: bool
    consent: Consent
    caps: Caps
    nano_rho: int
    retention: Retention
    basis: Basis
    purpose: str
    approval: Approval
    max_persons: int | None = None
    controllers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """``permit`` with obligations; ``pending`` with the approval that is missing; ``deny`` with reasons.

    Only ``permit`` lets anything happen.
    """

    outcome: Literal["permit", "pending", "deny"]
    reasons: tuple[Reason, ...] = ()
    obligations: Obligations | None = None

    @property
    def permitted(self) -> bool:
        return self.outcome == "permit" and self.obligations is not None and not self.reasons

    def granted(self) -> Obligations:
        """The obligations of a permit.

        Raises:
            SamklangError: the first reason, if it isn't one.
        """
        if self.permitted and self.obligations is not None:
            return self.obligations
        raise self.reasons[0].error()


def decide(rules: Enforced, request: Request) -> Decision:
    """What the enforced ``rules`` say to ``request``. Never raises: what can't be checked is denied."""
    decision = _decide(rules.policy, request)
    reasons = tuple(replace(reason, clause=rules.clause(reason.clause)) for reason in decision.reasons)
    return replace(decision, reasons=reasons)


def _decide(policy: Policy, request: Request) -> Decision:
    document = _run(DOCUMENT_CHECKS, Case(policy, request))
    candidates = [i for i, grant in enumerate(policy.grants) if grant.id == request.purpose]
    if not candidates:
        params = (("node", request.node), ("purpose", request.purpose))
        return _deny((*document, Reason("policy-purpose-unknown", ("grants",), None, params)))
    verdicts = [_grant(Case(policy, request, index), document) for index in candidates]
    for wanted in ("permit", "pending"):
        for verdict in verdicts:
            if verdict.outcome == wanted:
                return verdict
    return _deny(reason for verdict in verdicts for reason in verdict.reasons)


def _grant(case: Case, document: tuple[Reason, ...]) -> Decision:
    reasons = (*document, *_run(GRANT_CHECKS, case))
    if reasons:
        return _deny(reasons)
    try:
        obligations = _obligations(case)
        conditions = approval_conditions(case)
    except Exception:
        return _deny((_failed("obligations", case),))
    if conditions:
        needed = case.no(
            "policy-approval-needed",
            "approval",
            mode=_mode(case),
            conditions=", ".join(conditions),
        )
        return Decision("pending", (needed,), obligations)
    return Decision("permit", (), obligations)


def _deny(reasons: Iterable[Reason]) -> Decision:
    return Decision("deny", tuple(dict.fromkeys(reasons)))


def _run(checks: Iterable[Callable[[Case], Outcome]], case: Case) -> tuple[Reason, ...]:
    reasons: list[Reason] = []
    for check in checks:
        try:
            outcome = check(case)
        except Exception:  # an error in a check is a no, whatever it is
            outcome = (_failed(check.__name__, case),)
        if outcome is PASSED:
            continue
        named = isinstance(outcome, tuple) and outcome and all(isinstance(r, Reason) for r in outcome)
        reasons.extend(outcome if named else (_failed(check.__name__, case),))  # type: ignore[arg-type]
    return tuple(reasons)


def _failed(check: str, case: Case) -> Reason:
    place = ("grants", case.index) if case.index >= 0 else ()
    grant = case.grant.id if case.index >= 0 else None
    return Reason("policy-check-failed", place, grant, (("check", check),))


def _mode(case: Case) -> ApprovalMode:
    """The approval that this request needs: one person where a condition of ``manual_if`` holds."""
    mode = case.grant.approval.mode
    return "manual" if mode == "auto" and approval_conditions(case) else mode


def _obligations(case: Case) -> Obligations:
    policy, grant = case.policy, case.grant
    return Obligations(
        policy=policy.policy.id,
        version=policy.policy.version,
        grant=grant.id,
        min_count=max(policy.defaults.min_count, grant.min_count or 0),
        secondary_suppression=policy.defaults.secondary_suppression,
        consent=grant.consent,
        caps=Caps.of_grant(grant.budget),
        nano_rho=rho_from_epsilon(case.request.epsilon, case.request.delta),
        retention=grant.retention,
        basis=grant.basis,
        purpose=grant.purpose.text,
        approval=grant.approval.model_copy(update={"mode": _mode(case)}),
        max_persons=grant.return_to.max_persons if grant.return_to else None,
        controllers=Accession.of(policy).on(case.request.today).joined,
    )
