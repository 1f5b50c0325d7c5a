"""Error codes: pictures of a release."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "client-plot-extra": Entry(
        "Drawing needs matplotlib, which isn't installed.",
        "Install it with: pip install 'samklang[plot]'",
        what_da="Tegning kræver matplotlib, som ikke er installeret.",
        fix_da="Installér det med: pip install 'samklang[plot]'",
    ),
    "client-plot-language": Entry(
        "There are no labels in the language {lang}.",
        "Ask for da (Danish) or en (English).",
        what_da="Der er ingen betegnelser på sproget {lang}.",
        fix_da="Bed om da (dansk) eller en (engelsk).",
    ),
    "client-plot-axes": Entry(
        "A release with {axes:axis|axes} can't be drawn.",
        "Draw releases of one to four axes; sum over the others, or ask with fewer.",
        what_da="Et svar med {axes:akse|akser} kan ikke tegnes.",
        fix_da="Tegn svar med en til fire akser; læg sammen over de andre, eller spørg med færre.",
    ),
    "client-plot-measure": Entry(
        "The release has no sum of the measure {measure}.",
        "Name one of those under measures in the release's header, or none to draw counts.",
        what_da="Svaret har ingen sum for måltallet {measure}.",
        fix_da="Nævn et af dem, der står under measures i svarets hoved, eller intet for at tegne antal.",
    ),
    "client-plot-format": Entry(
        "A picture can't be saved as {suffix}.",
        "End the file's name in .png or .svg.",
        what_da="Et billede kan ikke gemmes som {suffix}.",
        fix_da="Lad filens navn ende på .png eller .svg.",
    ),
}
