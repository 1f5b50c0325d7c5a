"""A release in a terminal: the cells that are shown, and what isn't, why, and whose rule that is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from samklang.errors import Language
from samklang.model.durations import in_words

if TYPE_CHECKING:
    from samklang.analyst.release import Release

__all__ = ["release_text", "unshown"]

WIDTH: Final = 100

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "more": "… and {cells} more cells",
        "shown": "{shown} of {cells} cells are shown.",
        "below-threshold": "Not shown: {cells} below {threshold}, so that fewer than {least} citizens are "
        "seldom shown ({whose}).",
        "secondary": "Not shown: {cells} from which another would follow by subtraction ({whose}).",
        "own": "every table's rule",
        "of": "the rule of {nodes}",
        "margin": "because the margin is shown",
        "margin-table": "The margin, from an opening of its own and from its cells:",
        "near": "Intervals of cells near {threshold} hold for cells that are shown.",
        "clipped": "Means are of values cut to the measure's bounds.",
        "not-estimable": "A mean is left out where the count may be 0.",
        "outside": "Sums and means are the noisy estimates themselves, right on average; intervals are cut "
        "to what is possible, so an estimate can lie outside of its own.",
        "kept": "May be kept for {time} from the day of the release ({whose}).",
        "decimal": ".",
    },
    "da": {
        "more": "… og {cells} celler til",
        "shown": "{shown} af {cells} celler vises.",
        "below-threshold": "Ikke vist: {cells} under {threshold}, så færre end {least} borgere sjældent "
        "vises ({whose}).",
        "secondary": "Ikke vist: {cells}, som en anden ellers kunne regnes ud fra ({whose}).",
        "own": "reglen for alle tabeller",
        "of": "reglen hos {nodes}",
        "margin": "fordi randen vises",
        "margin-table": "Randen, fra sin egen åbning og fra sine celler:",
        "near": "Intervaller for celler nær {threshold} gælder for celler, der vises.",
        "clipped": "Gennemsnit er af værdier, der er skåret til målets grænser.",
        "not-estimable": "Et gennemsnit udelades, hvor antallet kan være 0.",
        "outside": "Summer og gennemsnit er de støjramte skøn selv, rigtige i gennemsnit; intervaller er "
        "skåret til det mulige, så et skøn kan ligge uden for sit eget.",
        "kept": "Må opbevares i {time} fra den dag, svaret blev frigivet ({whose}).",
        "decimal": ",",
    },
}
_PARTS: Final = {
    "count": "antal",
    "low": "fra",
    "high": "til",
    "mean": "gennemsnit",
    "sum": "sum",
    "merged": "celler",
}
"""Parts of a column's name in Danish; what isn't here is the same."""
_NOT_SHOWN: Final = ("shown", "reason")


def release_text(release: Release, most: int, lang: Language) -> str:
    """At most ``most`` of the cells that are shown, and a line for every reason why others aren't.

    Axes, levels and measures stand as documents name them; in Danish the other headings, the sentences and
    the decimal comma are Danish.
    """
    words = _WORDS[lang]
    frame = release.to_pandas()
    shown = frame[frame["shown"]]
    lines = _table(release, frame, most, lang)
    if len(shown) > most:
        lines.append(words["more"].format(cells=len(shown) - most))
    lines.append(words["shown"].format(shown=len(shown), cells=len(frame)))
    for line in [*unshown(release.document, lang), *_notes(release, frame, lang), *_kept(release, lang)]:
        lines += textwrap.wrap(line, WIDTH, subsequent_indent="  ")
    margin = release.margin()
    if len(margin):
        lines += ["", words["margin-table"], *_table(release, margin, most, lang)]
    return "\n".join(lines)


def _table(release: Release, frame: Any, most: int, lang: Language) -> list[str]:
    """The cells of ``frame`` that are shown, without the columns in words."""
    shown = frame[frame["shown"]].dropna(axis="columns", how="all")
    if not len(shown):
        return []
    dropped = [c for c in shown.columns if c in _NOT_SHOWN or c.endswith(("_basis", "_reason"))]
    shown = shown.drop(columns=dropped)
    shown = shown.rename(columns={name: _heading(release, name, lang) for name in shown.columns})
    text: str = shown.head(most).to_string(index=False, na_rep="", decimal=_WORDS[lang]["decimal"])
    return [text]


def unshown(document: dict[str, Any], lang: Language) -> Iterator[str]:
    """A sentence for every reason why cells are hidden."""
    words, rules = _WORDS[lang], document.get("rules", {})
    for entry in document.get("suppressed", {}).get("reasons", ()):
        if entry["reason"] not in words:
            continue
        whose = words["of"].format(nodes=", ".join(entry["of"])) if entry["of"] else words["own"]
        if entry["reason"] == "secondary" and not entry["of"]:
            whose = words["margin"]
        yield words[entry["reason"]].format(
            cells=entry["cells"],
            threshold=document.get("threshold", ""),
            least=rules.get("min_count", {}).get("value", ""),
            whose=whose,
        )


def _notes(release: Release, frame: Any, lang: Language) -> Iterator[str]:
    words = _WORDS[lang]
    if frame["shown"].any():
        yield words["near"].format(threshold=release.document.get("threshold", ""))
    if any(column.endswith("_mean") for column in frame):
        yield words["clipped"]
    if _outside(frame):
        yield words["outside"]
    if any((frame[column] == "not-estimable").any() for column in frame if column.endswith("_mean_reason")):
        yield words["not-estimable"]


def _outside(frame: Any) -> bool:
    """Whether an estimate that is shown lies outside of its interval."""
    estimates = [c for c in frame if f"{c}_low" in frame]
    return any(
        bool(((frame[c] < frame[f"{c}_low"]) | (frame[c] > frame[f"{c}_high"])).any()) for c in estimates
    )


def _kept(release: Release, lang: Language) -> Iterator[str]:
    """How long whoever has a copy may keep it."""
    rule = release.document.get("rules", {}).get("retention", {})
    if rule.get("value"):
        whose = _WORDS[lang]["of"].format(nodes=", ".join(rule["of"]))
        yield _WORDS[lang]["kept"].format(time=in_words(rule["value"], lang), whose=whose)


def _heading(release: Release, name: str, lang: Language) -> str:
    """A column's name: what the documents call it stays, how it was computed is said."""
    measures = (m["name"] for m in release.document.get("measures", ()))
    if lang == "en" or name in (*release.axes, *measures):
        return name
    stem, _, part = name.rpartition("_")
    if part not in _PARTS:
        return name
    return f"{_heading(release, stem, lang)}_{_PARTS[part]}" if stem else _PARTS[part]
