"""What a node's policy says to one query: deny unless everything positively fits one whole grant.

Start at :func:`samklang.policy.decision.decide`.
"""

from samklang.policy.decision import Caps, Decision, Obligations, Period, decide
from samklang.policy.enforce import Enforced, enforce
from samklang.policy.reasons import Reason
from samklang.policy.request import Request, Use, request_for

__all__ = [
    "Caps",
    "Decision",
    "Enforced",
    "Obligations",
    "Period",
    "Reason",
    "Request",
    "Use",
    "decide",
    "enforce",
    "request_for",
]
