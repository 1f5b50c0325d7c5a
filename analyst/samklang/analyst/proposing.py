"""Which purpose a new question may have: what the nodes say that they grant to whoever asks.

Policies are the partners' own and aren't handed out; a plan is how an analyst learns what is granted. It
touches no data and costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from samklang.analyst.question import read_draft
from samklang.errors import SamklangError

if TYPE_CHECKING:
    from samklang.analyst.client import Client
    from samklang.analyst.plan import Plan
    from samklang.model.query import Draft

__all__ = ["propose"]

MOST_TRIED = 4


def propose(client: Client, text: str) -> list[str]:
    """Ids of the grants that all nodes with records in a question name for it, the one that the most of them
    permit it under first.

    Args:
        text: the question's draft, under any purpose.

    Returns:
        Empty where no node answers, or where the question can't be asked at all, which a plan will say.
    """
    try:
        draft = read_draft(text.encode(), "question", client.manifest()).document
        common = _common(client.plan(draft))
        tried = common[:MOST_TRIED] if len(common) > 1 else []
        permits = {purpose: _permits(client.plan(_under(draft, purpose))) for purpose in tried}
    except SamklangError:
        return []
    return [*sorted(tried, key=lambda purpose: -permits[purpose]), *common[len(tried) :]]


def _common(plan: Plan) -> list[str]:
    named = [node.grants for node in plan.nodes if node.contributes]
    return [grant for grant in (named[0] if named else ()) if all(grant in others for others in named)]


def _permits(plan: Plan) -> int:
    return sum(node.decision == "permit" for node in plan.nodes)


def _under(draft: Draft, purpose: str) -> Draft:
    return draft.model_copy(update={"purpose": draft.purpose.model_copy(update={"id": purpose})})
