"""What the demonstration says, in English and Danish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samklang.cli.output import wrapped
from samklang.errors import Language
from samklang.errors.figures import decimals, whole

if TYPE_CHECKING:
    from samklang.analyst.status import Status
    from samklang.cli.demo.distance import Distance

_TEXTS: dict[str, dict[Language, str]] = {
    "generating": {
        "en": "generating {residents} citizens who don't exist (once; kept for the next time)",
        "da": "genererer {residents} borgere, som ikke findes (én gang; gemmes til næste gang)",
    },
    "starting": {
        "en": "starting {names} and the coordinator",
        "da": "starter {names} og koordinatoren",
    },
    "asking": {"en": "asking: {title}", "da": "spørger: {title}"},
    "counts": {
        "en": "citizens ± 95 %",
        "da": "borgere ± 95 %",
    },
    "hidden": {
        "en": "; · is a cell below {threshold}, not shown",
        "da": "; · er en celle under {threshold}, som ikke vises",
    },
    "mean": {"en": "mean of {label} ± 95 %", "da": "gennemsnit af {label} ± 95 %"},
    "distance": {
        "en": "How far from the truth (known only because the citizens are generated): {shown} of {cells} "
        "cells shown hold {share} of the {citizens} citizens; a shown count is off by {typical} "
        "typically and {largest} at most, {relative} in the median; {covered} of the 95 % intervals "
        "hold the exact count; {left_out}. "
        "From submit to release {seconds} s.",
        "da": "Hvor langt fra sandheden (kendes kun, fordi borgerne er genererede): {shown} af {cells} "
        "celler vises og har {share} af de {citizens} borgere; de viste antal afviger typisk med {typical} "
        "og højst med {largest}, i median {relative}; {covered} af 95 %-intervallerne har det eksakte "
        "antal; {left_out}. "
        "Fra indsendelse til udlevering {seconds} s.",
    },
    "left-out": {
        "en": "the largest cell left out has {hidden}",
        "da": "den største udeladte celle har {hidden}",
    },
    "none-left-out": {
        "en": "no cell with anybody in it was left out",
        "da": "ingen celle med borgere i er udeladt",
    },
    "files": {"en": "Files: {names}", "da": "Filer: {names}"},
    "where": {"en": "Everything is in {folder}", "da": "Det hele ligger i {folder}"},
}


@dataclass(frozen=True)
class Words:
    """The texts of one language."""

    lang: Language

    def _say(self, key: str, **values: object) -> str:
        return _TEXTS[key][self.lang].format(**values)

    def generating(self, residents: int) -> str:
        return self._say("generating", residents=self._number(residents))

    def starting(self, names: Sequence[str]) -> str:
        return wrapped(self._say("starting", names=", ".join(names)))

    def asking(self, title: str) -> str:
        return self._say("asking", title=title)

    def progress(self, status: Status) -> str:
        from samklang.cli.commands.query import describe

        return "  " + describe(status, self.lang)

    def heading(self, title: str) -> str:
        return f"{title}\n{'=' * len(title)}"

    def counts(self, document: Mapping[str, Any], table: str) -> str:
        """Above ``table``; what a dot means, if there is one."""
        from samklang.cli.demo.crosstab import HIDDEN

        dots = HIDDEN in table.split()
        return self._say("counts") + (self._say("hidden", threshold=document["threshold"]) if dots else "")

    def mean(self, label: str, unit: str) -> str:
        # A label that says what is counted, "minutes a week", has said the unit.
        return self._say("mean", label=label if unit.lower() in label.lower() else f"{label} ({unit})")

    def distance(self, found: Distance, seconds: float) -> str:
        hidden = {"hidden": self._number(found.hidden_largest)}
        text = self._say(
            "distance",
            shown=self._number(found.shown),
            cells=self._number(found.cells),
            share=self._percent(found.in_shown / max(found.citizens, 1), 0),
            citizens=self._number(found.citizens),
            typical=decimals(f"{found.typical:,.1f}", self.lang),
            largest=self._number(found.largest),
            relative=self._percent(found.relative, 1),
            covered=self._percent(found.covered, 0),
            left_out=self._say("left-out" if found.hidden_largest else "none-left-out", **hidden),
            seconds=decimals(f"{seconds:.1f}", self.lang),
        )
        return wrapped(text)

    def files(self, names: Sequence[str]) -> str:
        return wrapped(self._say("files", names=", ".join(names)))

    def where(self, folder: Path) -> str:
        return self._say("where", folder=folder)

    def _number(self, value: int) -> str:
        return whole(value, self.lang)

    def _percent(self, value: float, digits: int) -> str:
        """All is all: what is a little less isn't rounded to it."""
        shown = f"{value * 100:.{digits}f}"
        text = decimals("> 99" if value < 1 and float(shown) == 100 else shown, self.lang)
        return f"{text} %" if self.lang == "da" else f"{text}%"
