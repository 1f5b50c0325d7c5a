"""What a node's policy says to one query: deny unless everything positively fits one whole grant.

Start at :func:`samklang.policy.decision.decide`.
"""

from samklang.policy.decision import Caps, Decision, Obligations, Period, decide
from samklang.policy.enforce import Enforced, enforce
from samklang.policy.guard import Earlier, Overlap, guard, overlap
from samklang.policy.reasons import Reason
from samklang.policy.request import Request, Use, request_for

__all__ = [
    "Caps", "Decision", "Earlier", "Enforced", "Obligations", "Overlap", "Period", "Reason", "Request", "Use",
    "decide", "enforce", "guard", "overlap", "request_for",
]  # fmt: skip
