"""What ``samklang release`` and the drawing options say, in Danish."""

from __future__ import annotations

from typing import Final

DANISH: Final[dict[str, str]] = {
    "Read, draw and compute from a released table in a file.": (
        "Læs, tegn og regn videre på et frigivet svar i en fil."
    ),
    "Show a released table, or what can be computed from it.": (
        "Vis et frigivet svar, eller hvad der kan regnes ud fra det."
    ),
    "Draw a released table as .png or .svg.": "Tegn et frigivet svar som .png eller .svg.",
    "intervals of counts that hold together, for cells picked after looking": (
        "intervaller for antal, der gælder samtidig, til celler udvalgt, efter man har set dem"
    ),
    "add up the cells shown over the other axes": "læg de viste celler sammen over de andre akser",
    "shares of all cells shown, or of those with the same AXIS": (
        "andele af alle viste celler, eller af dem med samme AKSE"
    ),
    "in which band the quartiles lie": "i hvilket bånd kvartilerne ligger",
    "the margin that was asked for with report_by": "den rand, der blev spurgt om med report_by",
    "where to; ends in .png or .svg": "hvorhen; ender på .png eller .svg",
    "draw this measure's means instead of counts": "tegn dette måls gennemsnit i stedet for antal",
    "what stands above the picture": "hvad der står over billedet",
    "a release that was saved as .json": "et svar, der er gemt som .json",
    "draw the table as .png or .svg": "tegn tabellen som .png eller .svg",
    "AXIS": "AKSE",
    "PICTURE": "BILLEDE",
    "RELEASE": "SVAR",
    "TEXT": "TEKST",
}
