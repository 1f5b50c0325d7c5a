"""A release as a notebook shows it: one line on what it is worth, and the first cells as a table."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from samklang.analyst.labels import axis_label, level_labels

if TYPE_CHECKING:
    from samklang.analyst.release import Release

__all__ = ["MOST", "release_html"]

_REASONS = {
    "below-threshold": "below threshold",
    "secondary": "hidden beside another",
    "not-estimable": "not estimable",
}

MOST = 12
"""Cells that are shown; the rest is one call of ``to_pandas()`` away."""


def release_html(release: Release) -> str:
    """The release as HTML; a cell below the threshold says so instead of a number."""
    # Cells that are shown come first, and only they have all columns.
    rows = sorted(release.rows(), key=lambda row: not row.get("shown"))
    columns = [*release.axes, *(c for c in (rows[0] if rows else {}) if _figure(c, release.axes))]
    labels = {axis["name"]: axis_label(axis, "en") for axis in release.document["axes"]}
    levels = level_labels(release.document["axes"], "en")
    head = "".join(f"<th>{escape(labels.get(c, c.replace('_', ' ')))}</th>" for c in columns)
    body = "".join(_row(row, columns, levels) for row in rows[:MOST])
    more = f"<p>… and {len(rows) - MOST} more cells: <code>to_pandas()</code></p>" if len(rows) > MOST else ""
    return (
        f"<p>{escape(' · '.join(_line(release)))}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
    )


def _line(release: Release) -> Iterator[str]:
    header = release.header
    if title := header.get("title", {}).get("en"):
        yield title
    shown = sum(bool(cell.get("shown")) for cell in release.document["cells"])
    yield f"{shown} of {len(release.document['cells'])} cells shown"
    privacy = header.get("privacy", {})
    if half := privacy.get("count_95"):
        yield f"counts ± {half} (95 %)"
    if "threshold" in header:
        yield f"shown from {header['threshold']}"
    if epsilon := privacy.get("epsilon"):
        yield f"ε = {epsilon}"


def _figure(name: str, axes: list[str]) -> bool:
    return name not in (*axes, "shown", "reason") and not name.endswith(("_basis", "_reason"))


def _row(row: dict[str, Any], columns: list[str], levels: dict[str, dict[str, str]]) -> str:
    cells = []
    for column in columns:
        value = row.get(column)
        if column in levels:
            cells.append(f"<td>{escape(levels[column][str(value)])}</td>")
        elif not row.get("shown") and column == "count":
            reason = _REASONS.get(str(row.get("reason")), "not shown")
            cells.append(f"<td><em>{reason}</em></td>")
        elif value is None and row.get("shown") and row.get(f"{column}_reason"):
            reason = _REASONS.get(str(row[f"{column}_reason"]), "not shown")
            cells.append(f"<td><em>{reason}</em></td>")
        else:
            cells.append(f'<td style="text-align: right">{_number(value)}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _number(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else escape(str(value))
