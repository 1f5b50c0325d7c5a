"""Reasons: a stable code, both languages, what to do, and the clause that it comes from.

Texts stand in the error catalogue. Parameters are names and numbers of documents (query, policy,
codebook): a reason never depends on data, so all of them may be shown to whoever asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from samklang.errors import CATALOGUE, SamklangError
from samklang.model.problems import place
from samklang.policy.request import Place

__all__ = ["Reason"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not.

    Attributes:
        code: in the catalogue; stable.
        clause: where in the policy, from the top: ``("grants", 0, "max_axes")``.
        grant: the grant it is about; None if it is about the whole document or a prohibition.
        params: fill the texts.
    """

    code: str
    clause: Place
    grant: str | None = None
    params: tuple[tuple[str, str], ...] = field(default=())

    @property
    def english(self) -> tuple[str, str]:
        """(what happened, what to do)."""
        return CATALOGUE[self.code].text(dict(self.params))

    @property
    def danish(self) -> tuple[str, str]:
        """(hvad der skete, hvad man kan gøre)."""
        return CATALOGUE[self.code].text(dict(self.params), "da")

    def error(self) -> SamklangError:
        """The same as an error to raise."""
        values: dict[str, Any] = dict(self.params)
        error = SamklangError(self.code, **values)
        error.clause = place(self.clause) if self.clause else ""
        return error
