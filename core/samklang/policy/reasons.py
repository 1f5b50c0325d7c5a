"""Reasons: a stable code, both languages, what to do, and the clause that it comes from.

Texts stand in the error catalogue. Parameters are names and numbers of documents (query, policy,
codebook): a reason never depends on data, so all of them may be shown to whoever asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from samklang.errors import CATALOGUE, SamklangError
from samklang.model.loading import Loaded
from samklang.model.policy import Policy
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

    def error(self, source: Loaded[Policy] | None = None) -> SamklangError:
        """The same as an error to raise; with the file that the policy was read from, also file and line.

        These are for the partner's own log and screen: what crosses the wire is the clause alone.
        """
        values: dict[str, Any] = dict(self.params)
        own = source is not None and self.clause[:1] != ("floor",)
        at = source.position(self.clause) if source and own else None
        error = SamklangError(self.code, at=at, **values)
        error.clause = place(self.clause) if self.clause else ""
        return error
