"""Small changes of a query: what stands where now, and what would stand there instead.

A change that leaves an axis out takes its entries in ``require`` and ``report_by`` along. Whatever a change
would make senseless (levels that another banding hasn't) makes it impossible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from samklang.model.codebook import Codebook, Measure
from samklang.model.query import Axis, Draft, PresenceAxis, Purpose, VariableAxis
from samklang.protocol.axes import PRESENT_REQUIRED

__all__ = ["Change", "axis_text", "coarser_bandings", "described", "reband", "replace_field", "without_axis"]

Q = TypeVar("Q", bound=Draft)


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        place: where in the query, as it is written: ``axes[1]``, ``privacy.epsilon``.
        old: what stands there.
        new: what would; empty: leave it out.
    """

    place: str
    old: str
    new: str


def axis_text(axis: Axis) -> str:
    """An axis in a policy's words."""
    if isinstance(axis, PresenceAxis):
        return f"presence of {axis.presence}"
    return f"{axis.variable}/{axis.banding}"


def axis_name(axis: Axis) -> str:
    """An axis's name in ``require`` and in the answer."""
    return axis.presence if isinstance(axis, PresenceAxis) else axis.variable


def without_axis(query: Q, index: int) -> Q | None:
    """``query`` without one axis; None if it is the only one."""
    if len(query.axes) == 1:
        return None
    name = axis_name(query.axes[index])
    require = {axis: levels for axis, levels in query.require.items() if axis != name}
    axes = query.axes[:index] + query.axes[index + 1 :]
    report_by = tuple(use for use in query.report_by if use.axis != name)
    return query.model_copy(update={"axes": axes, "require": require, "report_by": report_by})


def reband(query: Q, index: int, banding: str, codebook: Codebook) -> Q | None:
    """``query`` with another banding of an axis; None if levels are required that it hasn't."""
    axis = query.axes[index]
    assert isinstance(axis, VariableAxis)
    variable = codebook.variables[axis.variable]
    assert not isinstance(variable, Measure)
    levels = {level.id for level in variable.bandings[banding].levels}
    if not set(query.require.get(axis.variable, ())) <= levels | {PRESENT_REQUIRED, "MISSING", "ABSENT"}:
        return None
    changed = VariableAxis(variable=axis.variable, banding=banding)
    axes = (*query.axes[:index], changed, *query.axes[index + 1 :])
    return query.model_copy(update={"axes": axes})


def coarser_bandings(query: Draft, index: int, codebook: Codebook) -> Iterator[str]:
    """The other bandings of an axis's variable that have fewer levels."""
    axis = query.axes[index]
    if isinstance(axis, PresenceAxis):
        return
    variable = codebook.variables[axis.variable]
    assert not isinstance(variable, Measure)
    now = len(variable.bandings[axis.banding].levels)
    for name, banding in variable.bandings.items():
        if len(banding.levels) < now:
            yield name


def replace_field(query: Q, **fields: object) -> Q:
    """``query`` with other fields."""
    return query.model_copy(update=fields)


def described(before: Draft, after: Draft) -> tuple[Change, ...]:
    """What differs, in the order of a query's fields."""
    found: list[Change] = []
    if before.purpose != after.purpose:
        found.append(Change("purpose", _purpose(before.purpose), _purpose(after.purpose)))
    if before.target_group != after.target_group:
        found.append(Change("target_group", before.target_group or "", after.target_group or ""))
    found += _lists("filter", [f"{f.variable}/{f.banding}" for f in before.filter],
                    [f"{f.variable}/{f.banding}" for f in after.filter])  # fmt: skip
    found += _axes(before.axes, after.axes)
    found += _lists("measures", [f"{m.variable} as {m.as_}" for m in before.measures],
                    [f"{m.variable} as {m.as_}" for m in after.measures])  # fmt: skip
    for name in ("epsilon", "delta"):
        old, new = getattr(before.privacy, name), getattr(after.privacy, name)
        if old != new:
            found.append(Change(f"privacy.{name}", _number(old), _number(new)))
    if before.nodes != after.nodes:
        found.append(Change("nodes", ", ".join(before.nodes or ()), ", ".join(after.nodes or ())))
    return tuple(found)


def _axes(before: Sequence[Axis], after: Sequence[Axis]) -> Iterator[Change]:
    now = {axis_name(axis): axis for axis in after}
    for index, axis in enumerate(before):
        kept = now.get(axis_name(axis))
        if kept != axis:
            yield Change(f"axes[{index}]", axis_text(axis), axis_text(kept) if kept else "")


def _lists(name: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    for index, text in enumerate(before):
        if text not in after:
            yield Change(f"{name}[{index}]", text, "")


def _purpose(purpose: Purpose) -> str:
    return f"{purpose.family}, {purpose.id}"


def _number(value: Decimal) -> str:
    return format(value.normalize(), "f")
