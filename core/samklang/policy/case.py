"""What a check looks at and what it may answer: :data:`PASSED` or reasons; nothing else is a pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from samklang.model.policy import Grant, Policy
from samklang.policy.reasons import Reason
from samklang.policy.request import Place, Request

__all__ = ["PASSED", "Case", "Check", "Outcome", "outcome", "texts"]


class Passed:
    """The one object that says a check was made and found nothing."""


PASSED: Final = Passed()
Outcome = Passed | tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What a check looks at: a request, a policy and, for a grant's check, one of its grants."""

    policy: Policy
    request: Request
    index: int = -1

    @property
    def grant(self) -> Grant:
        return self.policy.grants[self.index]

    def no(self, code: str, *clause: str | int, **params: object) -> Reason:
        """A reason about the grant, ``clause`` counted from it."""
        place: Place = ("grants", self.index, *clause)
        return Reason(code, place, self.grant.id, texts(params))


def texts(params: dict[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in params.items())


def outcome(reasons: Iterable[Reason]) -> Outcome:
    return tuple(reasons) or PASSED


Check = Callable[[Case], Outcome]
