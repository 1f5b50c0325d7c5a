"""What happens to a node's rows on a day when one of its controllers doesn't take part.

That depends on one thing which no signed document says: whether the tables in the node's configuration say
whose their rows are (``attributed``). Who reads a policy without that configuration has to be told so where
it matters.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from samklang.model.accession import Accession
from samklang.model.policy import Policy

__all__ = ["Rows", "assumed", "rows_of"]

Rows = Literal["all", "apart", "together", "unknown"]
"""On a day when a controller doesn't take part: ``apart``: its rows are left out; ``together``: nothing is
answered, since its rows can't be told from the others'; ``unknown``: the one or the other, as the tables in
the node's configuration have it. ``all``: there is no such day."""


def rows_of(policy: Policy, attributed: bool | None) -> Rows:
    """What happens at the node; ``attributed``: its tables say whose their rows are, None if not known."""
    accession, valid = Accession.of(policy), policy.policy.valid
    periods = [period for _, period in accession.periods if period is not None]
    if all(period.from_ <= valid.from_ and valid.until <= period.until for period in periods):
        return "all"
    if attributed is False or not accession.named or len(accession.periods) == 1:
        return "together"
    return "unknown" if attributed is None else "apart"


def assumed(policy: Policy, attributed: bool | None, *days: date) -> bool:
    """Whether what is said of ``policy`` rests on an assumption about the node's tables: on one of ``days``,
    or, without any, on some day on which it holds."""
    if rows_of(policy, attributed) != "unknown":
        return False
    members = [Accession.of(policy).on(day) for day in days]
    return not days or any(one.joined and one.joined != one.listed for one in members)
