"""What can be asked, as a list: every variable in every banding, every measure, every target group."""

from __future__ import annotations

from typing import Final, Literal

from samklang.model.codebook import Category, Codebook, Interval, Measure, Variable

Language = Literal["en", "da"]

COLUMNS: Final = ("name", "kind", "sectors", "label", "levels")


def entries(codebook: Codebook, language: Language = "en", word: str = "") -> list[dict[str, str]]:
    """One entry per ``variable/banding``, measure and target group, named as a query names them.

    Args:
        language: of the labels.
        word: only entries that have it in name or label, in either case.

    Returns:
        Mappings with the keys :data:`COLUMNS`; ``levels`` are ids in display order, for a measure its unit.
    """
    found: list[dict[str, str]] = []
    for name, variable in codebook.variables.items():
        label = getattr(variable.label, language)
        sectors = sectors_of(variable)
        if isinstance(variable, Measure):
            found.append(_entry(name, "measure", sectors, label, getattr(variable.unit, language)))
            continue
        for banding_name, banding in variable.bandings.items():
            levels = [level.id for level in banding.levels]
            if banding.other and banding.other not in levels:
                levels.append(banding.other)
            found.append(_entry(f"{name}/{banding_name}", variable.kind, sectors, label, " ".join(levels)))
    for name, target in codebook.target_groups.items():
        sectors = list(dict.fromkeys(part.sector for part in target.parts))
        rule = f"at least {target.at_least} of {len(sectors)} sectors"
        found.append(_entry(name, "target group", sectors, getattr(target.label, language), rule))
    lowered = word.lower()
    return [entry for entry in found if lowered in f"{entry['name']} {entry['label']}".lower()]


def sectors_of(variable: Variable) -> list[str]:
    """The sectors that supply a variable."""
    if isinstance(variable, Category):
        return [variable.sector]
    if isinstance(variable, Interval):
        return list(dict.fromkeys((variable.start.sector, variable.end.sector)))
    return [*variable.sql]


def _entry(name: str, kind: str, sectors: list[str], label: str, levels: str) -> dict[str, str]:
    return {"name": name, "kind": kind, "sectors": ", ".join(sectors), "label": label, "levels": levels}
