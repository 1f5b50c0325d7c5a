"""A released table's rows as people read them: labels, and every figure with its interval in one column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from samklang.analyst.labels import axis_label, level_labels, measure_label
from samklang.analyst.text_table import estimate, lay_out, number
from samklang.errors import Language

__all__ = ["Reader", "table"]

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "count": "citizens ±\u00a095\u00a0%",
        "sum": "{what}: sum ±\u00a095\u00a0%",
        "mean": "{what}: mean ±\u00a095\u00a0%",
        "values": "{what}: citizens with a value ±\u00a095\u00a0%",
        "merged": "cells in it",
    },
    "da": {
        "count": "borgere ±\u00a095\u00a0%",
        "sum": "{what}: sum ±\u00a095\u00a0%",
        "mean": "{what}: gennemsnit ±\u00a095\u00a0%",
        "values": "{what}: borgere med en værdi ±\u00a095\u00a0%",
        "merged": "celler i den",
    },
}
Cell = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody reads: ``ids`` in place of labels, as documents name things; in ``width`` columns."""

    lang: Language
    ids: bool
    width: int


def table(document: Mapping[str, Any], cells: Sequence[Cell], reader: Reader) -> str:
    """``cells``, all of which are shown, as a table.

    Args:
        document: the release, or its margin: has ``axes``.
    """
    names = level_labels(document["axes"], reader.lang, reader.ids)
    header = [axis_label(axis, reader.lang, reader.ids) for axis in document["axes"]]
    columns = [*_columns(document, cells, reader)]
    rows = [
        [
            *(names[axis].get(cell["levels"][axis], cell["levels"][axis]) for axis in names),
            *(c(cell) for _, c in columns),
        ]
        for cell in cells
    ]
    return lay_out([*header, *(heading for heading, _ in columns)], rows, len(header), reader.width)


def _columns(
    document: Mapping[str, Any], cells: Sequence[Cell], reader: Reader
) -> Iterator[tuple[str, Callable[[Cell], str]]]:
    """(heading, text of a cell) of every column of figures."""
    words, lang = _WORDS[reader.lang], reader.lang
    yield words["count"], lambda cell: _figure(cell, "count", lang)
    if any("merged" in cell for cell in cells):
        yield words["merged"], lambda cell: number(cell["merged"], lang)
    described = {m["name"]: m for m in document.get("measures", ())}
    there = dict.fromkeys(name for cell in cells for name, value in cell.items() if _is_measure(name, value))
    for name in sorted(there, key=lambda name: [*described, name].index(name)):
        measure = described.get(name, {"name": name})
        what = name if reader.ids else measure_label(measure, lang)
        for figure, key in (("count", "values"), ("sum", "sum"), ("mean", "mean")):
            if any(figure in (cell.get(name) or {}) for cell in cells):
                yield words[key].format(what=what), _of(name, figure, lang)


def _of(name: str, figure: str, lang: Language) -> Callable[[Cell], str]:
    return lambda cell: _figure(cell.get(name) or {}, figure, lang)


def _is_measure(name: str, value: Any) -> bool:
    return isinstance(value, Mapping) and name != "levels"


def _figure(holder: Mapping[str, Any], name: str, lang: Language) -> str:
    """Empty where the release says that it isn't known."""
    value, interval = holder.get(name), holder.get(f"{name}_interval")
    if value is None:
        return ""
    if interval is None:
        return number(float(value), lang)
    low, high = map(float, interval)
    return estimate(float(value), low, high, lang)
