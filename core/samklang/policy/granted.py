"""Which grants of a policy are somebody's: what an analyst may be told who has no purpose yet.

Nothing is permitted by it. A request still has to fit one whole grant (:mod:`samklang.policy.decision`).
"""

from __future__ import annotations

from samklang.policy.case import PASSED, Case
from samklang.policy.document_checks import DOCUMENT_CHECKS
from samklang.policy.enforce import Enforced
from samklang.policy.grant_checks import family, operation, who
from samklang.policy.request import Request

__all__ = ["granted"]


def granted(rules: Enforced, request: Request) -> tuple[str, ...]:
    """Ids of the grants that name who asks, for the request's family of purposes and its operation, in the
    policy's order. None if the policy says no to everything; never raises."""
    policy = rules.policy
    try:
        if any(check(Case(policy, request)) is not PASSED for check in DOCUMENT_CHECKS):
            return ()
        cases = [Case(policy, request, index) for index in range(len(policy.grants))]
        mine = [c.grant.id for c in cases if all(check(c) is PASSED for check in (who, family, operation))]
    except Exception:  # an error in a check is a no, whatever it is
        return ()
    return tuple(dict.fromkeys(mine))
