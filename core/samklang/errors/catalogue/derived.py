"""Error codes: what is computed from a release afterwards."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "client-derived-axis": Entry(
        "That can't be computed over {axis}.",
        "Name axes of the release, each once; a standardised ratio needs a release of exactly three axes and "
        "levels of the event's own axis.",
        what_da="Det kan ikke beregnes over {axis}.",
        fix_da="Nævn akser i svaret, hver én gang; en standardiseret ratio kræver et svar med netop tre "
        "akser og niveauer på hændelsens egen akse.",
    ),
    "client-derived-hidden": Entry(
        "Cells that are needed and aren't shown: {cells}.",
        "Ask in coarser bandings, so that every cell is shown.",
        what_da="Celler, der skal bruges, men ikke vises: {cells}.",
        fix_da="Spørg i grovere inddelinger, så hver celle vises.",
    ),
}
