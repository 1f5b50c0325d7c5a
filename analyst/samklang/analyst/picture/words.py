"""What the picture says, in Danish and English, and numbers as each language writes them."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

LANGUAGES: Final = ("en", "da")

WORDS: Final[dict[str, dict[str, str]]] = {
    "citizens": {"en": "Number of citizens", "da": "Antal borgere"},
    "mean": {"en": "{label}, mean per citizen", "da": "{label}, gennemsnit pr. borger"},
    "period": {"en": "{first} to {last}", "da": "{first} til {last}"},
    "below-threshold": {
        "en": "Not shown: fewer than {threshold} counted",
        "da": "Ikke vist: færre end {threshold} talt",
    },
    "secondary": {
        "en": "Not shown: others would follow from it",
        "da": "Ikke vist: andre kunne regnes ud fra den",
    },
    "not-estimable": {
        "en": "No mean: the count may be 0",
        "da": "Intet gennemsnit: antallet kan være 0",
    },
    "vague": {
        "en": "Too uncertain: ± as large as the figure",
        "da": "For usikkert: ± så stort som tallet",
    },
    "below-threshold-here": {"en": "not shown, below {threshold}", "da": "ikke vist, under {threshold}"},
    "secondary-here": {
        "en": "not shown, others would follow from it",
        "da": "ikke vist, andre kunne regnes ud fra den",
    },
    "not-estimable-here": {
        "en": "no mean, the count may be 0",
        "da": "intet gennemsnit, antallet kan være 0",
    },
    "by": {"en": "Citizens by {axes}", "da": "Borgere efter {axes}"},
    "and": {"en": "{first} and {last}", "da": "{first} og {last}"},
    "near": {
        "en": "Near the threshold an interval holds for cells that are shown.",
        "da": "Nær grænsen gælder et interval for celler, der vises.",
    },
    "none": {"en": "No such combination", "da": "Findes ikke"},
    "certainty": {"en": "Size: 95% interval", "da": "Størrelse: 95\u00a0%-interval"},
    "noise": {
        "en": "Every count has had random noise added, so that no single citizen can be traced. "
        "The count without noise lies within ±{half} of the one shown for 95 cells in 100.",
        "da": "Der er lagt tilfældig støj til hvert antal, så ingen enkelt borger kan spores. "
        "Antallet uden støj ligger inden for ±{half} af det viste i 95 af 100 celler.",
    },
    "noise-mean": {
        "en": "Counts and sums have had random noise added, so that no single citizen can be traced; "
        "± is half of the 95% interval that the noise alone leaves.",
        "da": "Der er lagt tilfældig støj til antal og summer, så ingen enkelt borger kan spores; "
        "± er det halve 95\u00a0%-interval, som støjen alene giver.",
    },
    "clip": {
        "en": "Each citizen counts with at least {low} and at most {high} {unit}.",
        "da": "Hver borger tæller med mindst {low} og højst {high} {unit}.",
    },
    "shown": {
        "en": "{shown} of {cells} cells are shown.",
        "da": "{shown} af {cells} celler er vist.",
    },
    # No-break spaces: a formula stays on its line.
    "privacy": {
        "en": "ε\u00a0=\u00a0{epsilon}, δ\u00a0=\u00a0{delta}.",
        "da": "ε\u00a0=\u00a0{epsilon}, δ\u00a0=\u00a0{delta}.",
    },
}  # fmt: skip

_MONTHS: Final = {
    "en": "January February March April May June July August September October November December".split(),
    "da": "januar februar marts april maj juni juli august september oktober november december".split(),
}


def say(lang: str, key: str, **values: object) -> str:
    return WORDS[key][lang].format(**values)


def by_axes(labels: list[str], lang: str) -> str:
    """A title for a table that came without one."""
    names = [label[:1].lower() + label[1:] if label[1:2].islower() else label for label in labels]
    axes = names[0]
    if len(names) > 1:
        axes = say(lang, "and", first=", ".join(names[:-1]), last=names[-1])
    return say(lang, "by", axes=axes)


def number(value: float, lang: str, digits: int = 0) -> str:
    """1,234.5 in English, 1.234,5 in Danish."""
    text = f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))


def power(text: str) -> str:
    """1E-8 as 10⁻⁸; what isn't a power of ten stays as it is."""
    sign, digits, exponent = Decimal(text).as_tuple()
    if sign or digits != (1,) or not isinstance(exponent, int) or exponent >= 0:
        return text
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def decimals(largest: float) -> int:
    """How many decimals figures of this size are worth."""
    return 0 if largest >= 100 else 1 if largest >= 1 else 2


def percent(share: float, lang: str) -> str:
    """±12% in English, ±12 % in Danish; never more exact than a whole per cent."""
    text = f"±{max(1, math.ceil(share * 100 - 1e-9))}"
    return f"{text}%" if lang == "en" else f"{text} %"


def period(first: str, until: str, lang: str) -> str:
    """A half-open period by its first and last day; a calendar year as the year."""
    start, end = date.fromisoformat(first), date.fromisoformat(until) - timedelta(days=1)
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        return str(start.year) if start.year == end.year else f"{start.year}-{end.year}"
    return say(lang, "period", first=_day(start, lang), last=_day(end, lang))


def _day(day: date, lang: str) -> str:
    month = _MONTHS[lang][day.month - 1]
    return f"{day.day} {month} {day.year}" if lang == "en" else f"{day.day}. {month} {day.year}"
