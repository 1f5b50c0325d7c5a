"""The federation's floor: what the members' controllers have agreed that no node's policy goes below.

It stands in the manifest, which they all sign. Floor, policy and grant combine to the strictest of the three
(:mod:`samklang.policy.enforce`): a node may narrow what is written here and never widen it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from samklang.model.base import Document
from samklang.model.policy import (
    ApprovalMode,
    Budget,
    ConsentModel,
    Differencing,
    Hours,
    ManualIf,
    Prohibition,
    Retention,
    UseName,
    VariableRule,
)

__all__ = ["Floor", "FloorApproval"]


class FloorApproval(Document):
    """The least approval that any grant may ask for; whose approval it is, the grant says."""

    mode: ApprovalMode = "auto"
    """The least mode: auto, manual, two-person."""
    manual_if: tuple[ManualIf, ...] = ()
    """What makes a person necessary at every node."""
    expires: Hours | None = None
    """The longest that an approval may be waited for."""


class Floor(Document):
    """Left out: no limit besides each node's own."""

    min_count: Annotated[int, Field(ge=3, le=1000)] = 3
    """The least count that any node may let be shown."""
    secondary_suppression: bool = False
    """No hidden cell may follow by subtraction, at any node."""
    max_axes: Annotated[int, Field(ge=1, le=8)] = 8
    """The most axes that any table may have."""
    variables: dict[UseName, VariableRule] = {}
    """By use, the most that any node may allow; a name that isn't here is for each node to say."""
    budget: Budget | None = None
    """The most that any grant may spend."""
    consent: ConsentModel = "none"
    """The least consent, for every grant: none, opt-out, opt-in."""
    approval: FloorApproval = FloorApproval()
    """The least approval."""
    retention: Retention | None = None
    """The longest that releases and audit entries may be kept."""
    differencing: Differencing | None = None
    """The least that is done about questions that differ in few citizens from one that was answered."""
    prohibitions: tuple[Prohibition, ...] = ()
    """What no policy of any node can allow."""
