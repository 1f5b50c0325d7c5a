"""What is computed from a release, in a terminal: labels, figures and headings in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from samklang.analyst.labels import axis_label, level_labels
from samklang.analyst.release_table import Reader, table
from samklang.analyst.text_table import estimate, lay_out, number
from samklang.errors import Language

if TYPE_CHECKING:
    from samklang.analyst.release import Release

__all__ = ["margin_text", "merged_text", "quantiles_text", "shares_text", "simultaneous_text"]

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "count": "citizens ±\u00a095\u00a0%",
        "together": "citizens ±\u00a095\u00a0% together",
        "cells": "cells added",
        "hidden": "cells not shown",
        "share": "share ±\u00a095\u00a0%",
        "percent": "{share}%",
        "0.25": "lower quartile",
        "0.5": "median",
        "0.75": "upper quartile",
        "p": "{percent}% quantile",
        "to": "{low} to {high}",
        "or": "{band} ({bands})",
        "none": "not said: too few",
        "bands": "{axis}: the level in which each stands; in brackets those in which noise leaves it open",
    },
    "da": {
        "count": "borgere ±\u00a095\u00a0%",
        "together": "borgere ±\u00a095\u00a0% samlet",
        "cells": "celler lagt sammen",
        "hidden": "celler ikke vist",
        "share": "andel ±\u00a095\u00a0%",
        "percent": "{share} %",
        "0.25": "nedre kvartil",
        "0.5": "median",
        "0.75": "øvre kvartil",
        "p": "{percent} %-fraktil",
        "to": "{low} til {high}",
        "or": "{band} ({bands})",
        "none": "oplyses ikke: for få",
        "bands": "{axis}: niveauet, som hver ligger i; i parentes dem, som støjen lader stå åbne",
    },
}


def simultaneous_text(release: Release, reader: Reader) -> str:
    """Counts with intervals that hold together; empty if no cell is shown."""
    rows = release.simultaneous().to_dict("records")
    figures = [[_count(row, reader.lang)] for row in rows]
    return _table(release, release.axes, rows, [_WORDS[reader.lang]["together"]], figures, reader)


def merged_text(release: Release, by: Sequence[str], reader: Reader) -> str:
    """Sums of the cells shown; empty figures where every cell is hidden."""
    words, frame = _WORDS[reader.lang], release.merged(by)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    figures = [
        [
            "" if row["count"] is None else _count(row, reader.lang),
            *(number(row[key], reader.lang) for key in ("cells", "hidden")),
        ]
        for row in rows
    ]
    return _table(release, by, rows, [words["count"], words["cells"], words["hidden"]], figures, reader)


def shares_text(release: Release, within: Sequence[str], reader: Reader) -> str:
    """Each cell's share of those shown, in per cent."""
    words, rows = _WORDS[reader.lang], release.shares(within).to_dict("records")
    figures = [[_share(row, reader.lang)] for row in rows]
    return _table(release, release.axes, rows, [words["share"]], figures, reader)


def quantiles_text(release: Release, reader: Reader) -> str:
    """A table for every axis of ranges: a row per stratum, a column per quantile; empty if there is none."""
    entries = release.document.get("quantiles", ())
    axes = dict.fromkeys(entry["axis"] for entry in entries)
    parts = [_quantiles(release, axis, [e for e in entries if e["axis"] == axis], reader) for axis in axes]
    return "\n\n".join(parts)


def _quantiles(release: Release, axis: str, entries: Sequence[Mapping[str, Any]], reader: Reader) -> str:
    words = _WORDS[reader.lang]
    names = level_labels(release.document["axes"], reader.lang, reader.ids)
    others = [name for name in release.axes if name != axis]
    # Decimals stand as texts in a release; one is written in one way there.
    wanted = [*dict.fromkeys(str(entry["p"]) for entry in entries)]
    strata: dict[tuple[str, ...], dict[str, str]] = {}
    for entry in entries:
        stratum = tuple(names[other][entry["levels"][other]] for other in others)
        strata.setdefault(stratum, {})[str(entry["p"])] = _band(entry, names[axis], reader.lang)
    rows = [[*stratum, *(found.get(p, "") for p in wanted)] for stratum, found in strata.items()]
    header = [*_labels(release, others, reader), *(_quantile(p, reader.lang) for p in wanted)]
    (title,) = _labels(release, [axis], reader)
    return words["bands"].format(axis=title) + "\n" + lay_out(header, rows, len(others), reader.width)


def _quantile(p: str, lang: Language) -> str:
    words = _WORDS[lang]
    return words.get(p) or words["p"].format(percent=f"{100 * float(p):g}")


def _band(entry: Mapping[str, Any], names: Mapping[str, str], lang: Language) -> str:
    words = _WORDS[lang]
    if entry.get("band") is None:
        return words["none"]
    band, (low, high) = names[entry["band"]], (names[level] for level in entry["interval"])
    if low == high:
        return band
    return words["or"].format(band=band, bands=words["to"].format(low=low, high=high))


def _count(row: Mapping[Any, Any], lang: Language) -> str:
    return estimate(float(row["count"]), float(row["count_low"]), float(row["count_high"]), lang)


def _share(row: Mapping[Any, Any], lang: Language) -> str:
    """Per cent; empty where the group may be empty."""
    value, low, high = (100 * float(row[key]) for key in ("share", "share_low", "share_high"))
    text = estimate(value, low, high, lang, digits=1)
    if not text:
        return ""
    share, *interval = text.split(" ", 1)
    return " ".join([_WORDS[lang]["percent"].format(share=share), *interval])


def _labels(release: Release, axes: Sequence[str], reader: Reader) -> Iterator[str]:
    described = {axis["name"]: axis for axis in release.document["axes"]}
    return (axis_label(described[axis], reader.lang, reader.ids) for axis in axes)


def margin_text(release: Release, reader: Reader) -> str:
    """The cells of the margin that are shown; empty if there are none."""
    margin = release.document.get("margin") or {"cells": ()}
    shown = [cell for cell in margin["cells"] if cell["shown"]]
    return table({**margin, "measures": release.document.get("measures", ())}, shown, reader) if shown else ""


def _table(
    release: Release,
    axes: Sequence[str],
    rows: Sequence[Mapping[Any, Any]],
    headings: Sequence[str],
    figures: Sequence[Sequence[str]],
    reader: Reader,
) -> str:
    if not rows:
        return ""
    names = level_labels(release.document["axes"], reader.lang, reader.ids)
    lines = [
        [*(names[axis][row[axis]] for axis in axes), *shown] for row, shown in zip(rows, figures, strict=True)
    ]
    return lay_out([*_labels(release, axes, reader), *headings], lines, len(axes), reader.width)
