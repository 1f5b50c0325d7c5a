"""A release in a terminal: the cells that are shown, and what isn't, why, and whose rule that is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from samklang.analyst.derived_text import margin_text
from samklang.analyst.labels import axis_label, label, level_labels
from samklang.analyst.picture.words import period
from samklang.analyst.release_table import Reader, table
from samklang.errors import Language
from samklang.errors.figures import whole
from samklang.model.durations import in_words

if TYPE_CHECKING:
    from samklang.analyst.release import Release

__all__ = ["release_text", "unshown"]

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
        "empty": "The table is empty: no cell reached {threshold}{when}. Either nobody was recorded, or too "
        "few for each of so many cells.",
        "no-level": "Nothing is shown of {axis}: {levels}.",
        "no-sum": "{measure}: no cell's sum can be told from 0{when}; fewer cells may tell more.",
        "when": " in {period}",
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
        "margin-table": "Marginaltabellen, fra sin egen åbning og fra sine celler:",
        "near": "Intervaller for celler nær {threshold} gælder for celler, der vises.",
        "clipped": "Gennemsnit er af værdier, der er skåret til måltallets grænser.",
        "not-estimable": "Et gennemsnit udelades, hvor antallet kan være 0.",
        "outside": "Summer og gennemsnit er de støjramte skøn selv, rigtige i gennemsnit; intervaller er "
        "skåret til det mulige, så et skøn kan ligge uden for sit eget.",
        "kept": "Må opbevares i {time} fra den dag, svaret blev udleveret ({whose}).",
        "empty": "Tabellen er tom: ingen celle nåede op på {threshold}{when}. Enten er ingen registreret, "
        "eller også er der for få til hver af så mange celler.",
        "no-level": "Der vises intet om {axis}: {levels}.",
        "no-sum": "{measure}: ingen celles sum kan skelnes fra 0{when}; færre celler siger måske mere.",
        "when": " i {period}",
    },
}


def release_text(release: Release, most: int, reader: Reader) -> str:
    """Title and period where they are known, at most ``most`` of the cells that are shown, and a line for
    every reason why others aren't."""
    document, words = release.document, _WORDS[reader.lang]
    lines = [*_head(document, reader.lang)]
    cells = document["cells"]
    shown = [cell for cell in cells if cell["shown"]]
    if shown:
        lines.append(table(document, shown[:most], reader))
    if len(shown) > most:
        lines.append(words["more"].format(cells=whole(len(shown) - most, reader.lang)))
    lines.append(
        words["shown"].format(shown=whole(len(shown), reader.lang), cells=whole(len(cells), reader.lang))
    )
    said = (
        *_empty(document, shown, reader),
        *unshown(document, reader.lang),
        *_notes(document, shown, reader.lang),
    )
    for line in (*said, *_kept(document, reader.lang)):
        lines += textwrap.wrap(line, reader.width, subsequent_indent="  ", break_on_hyphens=False)
    if margin := margin_text(release, reader):
        lines += ["", words["margin-table"], margin]
    return "\n".join(lines)


def _head(document: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """A release says of itself when, not what for: the title is the asking analyst's own."""
    title = (document.get("title") or {}).get(lang)
    if title:
        when = _period(document, lang)
        yield f"{title} ({when})" if when and when not in title else title


def _period(document: Mapping[str, Any], lang: Language) -> str:
    found = document.get("period")
    return period(found["from"], found["until"], lang) if found else ""


def unshown(document: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """A sentence for every reason why cells are hidden."""
    words, rules = _WORDS[lang], document.get("rules", {})
    for entry in document.get("suppressed", {}).get("reasons", ()):
        if entry["reason"] not in words:
            continue
        whose = words["of"].format(nodes=", ".join(entry["of"])) if entry["of"] else words["own"]
        if entry["reason"] == "secondary" and not entry["of"]:
            whose = words["margin"]
        yield words[entry["reason"]].format(
            cells=whole(entry["cells"], lang),
            threshold=document.get("threshold", ""),
            least=rules.get("min_count", {}).get("value", ""),
            whose=whose,
        )


def _empty(document: Mapping[str, Any], shown: Sequence[Mapping[str, Any]], reader: Reader) -> Iterator[str]:
    """What isn't there at all: no cell, no cell of a level, no sum but noise. From what is shown alone."""
    words, when = _WORDS[reader.lang], _period(document, reader.lang)
    when = words["when"].format(period=when) if when else ""
    if not shown:
        yield words["empty"].format(threshold=document.get("threshold", ""), when=when)
        return
    names = level_labels(document["axes"], reader.lang, reader.ids)
    for axis in document["axes"]:
        seen = {cell["levels"][axis["name"]] for cell in shown}
        gone = [name for level, name in names[axis["name"]].items() if level not in seen]
        if gone:
            yield words["no-level"].format(
                axis=axis_label(axis, reader.lang, reader.ids), levels=", ".join(gone)
            )
    for measure in document.get("measures", ()):
        found = [cell[measure["name"]] for cell in shown if (cell.get(measure["name"]) or {}).get("sum")]
        if found and all(float(f["sum_interval"][0]) <= 0 <= float(f["sum_interval"][1]) for f in found):
            name = measure["name"] if reader.ids else label(measure, reader.lang)
            yield words["no-sum"].format(measure=name, when=when)


def _notes(document: Mapping[str, Any], shown: Sequence[Mapping[str, Any]], lang: Language) -> Iterator[str]:
    words = _WORDS[lang]
    if shown:
        yield words["near"].format(threshold=document.get("threshold", ""))
    held = [
        value for cell in shown for key, value in cell.items() if key != "levels" and isinstance(value, dict)
    ]
    if any(value.get("mean") is not None for value in held):
        yield words["clipped"]
    if any(_outside(value, figure) for value in held for figure in ("sum", "mean")):
        yield words["outside"]
    if any(value.get("mean_reason") == "not-estimable" for value in held):
        yield words["not-estimable"]


def _outside(held: Mapping[str, Any], figure: str) -> bool:
    """Whether an estimate that is shown lies outside of its interval."""
    if held.get(figure) is None or f"{figure}_interval" not in held:
        return False
    low, high = map(float, held[f"{figure}_interval"])
    return not low <= float(held[figure]) <= high


def _kept(document: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """How long whoever has a copy may keep it."""
    rule = document.get("rules", {}).get("retention", {})
    if rule.get("value"):
        whose = _WORDS[lang]["of"].format(nodes=", ".join(rule["of"]))
        yield _WORDS[lang]["kept"].format(time=in_words(rule["value"], lang), whose=whose)
