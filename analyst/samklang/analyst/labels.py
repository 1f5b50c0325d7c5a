"""What axes and levels are called: the labels that a release carries, in the reader's language.

Every release names its axes and levels in English and Danish, from the signed codebook. Ids stand in their
place where somebody asks for them, and where a label is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["axis_label", "label", "level_labels", "measure_label"]

_SPECIAL: Final[dict[str, dict[str, str]]] = {
    "ABSENT": {"en": "not known there", "da": "ikke kendt der"},
    "PRESENT": {"en": "known there", "da": "kendt der"},
    "MISSING": {"en": "no value", "da": "uoplyst"},
    "CONFLICT": {"en": "contradictory", "da": "modstridende"},
    "START-ONLY": {"en": "first event only", "da": "kun første hændelse"},
    "END-ONLY": {"en": "last event only", "da": "kun sidste hændelse"},
}
"""Of the levels that no banding names, where a release doesn't label them."""


def label(part: Mapping[str, Any], lang: str, fallback: str = "") -> str:
    """The label of an axis, a level or a measure of a release; ``fallback``, or its name, if it has none."""
    found = part.get("label") or _SPECIAL.get(str(part.get("id")), {})
    return str(found.get(lang) or found.get("en") or fallback or part.get("name") or part.get("id") or "")


def axis_label(axis: Mapping[str, Any], lang: str, ids: bool = False) -> str:
    """An axis's label, or with ``ids`` its name."""
    return str(axis["name"]) if ids else label(axis, lang)


def level_labels(
    axes: Sequence[Mapping[str, Any]], lang: str, ids: bool = False
) -> dict[str, dict[str, str]]:
    """Axis name → level id → label, or with ``ids`` the id; a label that two levels share has its id behind
    it."""
    found: dict[str, dict[str, str]] = {}
    for axis in axes:
        names = {level["id"]: str(level["id"]) if ids else label(level, lang) for level in axis["levels"]}
        often = Counter(names.values())
        found[axis["name"]] = {i: name if often[name] == 1 else f"{name} ({i})" for i, name in names.items()}
    return found


def measure_label(measure: Mapping[str, Any], lang: str) -> str:
    """A measure's label with its unit; one that says what is counted, "minutes a week", has said the unit."""
    name, unit = label(measure, lang), str((measure.get("unit") or {}).get(lang, ""))
    return name if unit.lower() in name.lower() else f"{name}, {unit}"
