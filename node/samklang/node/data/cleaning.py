"""How one column's text becomes a typed value: the rules, as DuckDB expressions.

For each logical column three expressions, each over the result of the one before:

- ``text``: the source value tidied; NULL if it stands for "no value";
- ``value``: the typed value; NULL if ``text`` can't be read;
- ``reason``: why a row whose ``text`` is there and whose ``value`` isn't can't be used.

and ``notes``: conditions worth counting on rows that are kept. Everything is guess-free: what could mean
two things (12/31 or 31/12, 1.234 as a thousand or as one and a bit) is settled by an option or refused.

========  ==============================================================================================
type      accepted
========  ==============================================================================================
cpr       ten digits, or a replacement number; blanks, hyphens and apostrophes are dropped, a lost leading
          zero and a trailing ``.0`` repaired; the date in it must exist; modulus 11 is only counted
text      anything; outer blanks dropped, Unicode normal form C
integer   digits with a sign; ``12.0`` and ``12,00``; blanks between thousands; other marks between
          thousands if ``decimal`` is given
decimal   DECIMAL(18,6): up to twelve digits before the mark; further decimals are rounded and counted
date      ISO, ``YYYYMMDD``, day-month-year; a time of day is dropped; a time with a UTC offset is taken to
          Europe/Copenhagen first
boolean   true/false, 1/0, ja/nej, yes/no, j/n, y/n, sand/falsk
========  ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from samklang.model.calendar import COPENHAGEN
from samklang.model.codebook import ColumnType
from samklang.node.data.sources import TableSource

ENGINE_TYPES: Mapping[ColumnType, str] = {
    "cpr": "VARCHAR",
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,6)",
    "date": "DATE",
    "boolean": "BOOLEAN",
}
_BLANKS = " \t\r\n\u00a0\u202f\ufeff"
_NO_VALUE = ("NULL", "NA", "N/A", "NAN", "NONE", "-")
_INTEGERS = ("BIGINT", "UBIGINT")
_ZONE = COPENHAGEN.key


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The expressions of one column. ``text`` reads the raw column, ``value`` the text, ``reason`` both;
    ``notes`` read all three."""

    text: str
    value: str
    reason: str
    notes: Mapping[str, str] = field(default_factory=dict)


def literal(text: str) -> str:
    """A DuckDB string literal."""
    return "'" + text.replace("'", "''") + "'"


def raw_name(column: str) -> str:
    return f'"r_{column}"'


def text_name(column: str) -> str:
    return f'"t_{column}"'


def value_name(column: str) -> str:
    return f'"v_{column}"'


def clean(column: str, kind: ColumnType, raw_type: str, source: TableSource, decimal_mark: str) -> Cleaned:
    """The rules for the logical ``column`` of type ``kind`` whose raw column has DuckDB type ``raw_type``.

    ``decimal_mark`` is ``.``, ``,`` or empty (not known, and not needed).
    """
    raw, t, v = raw_name(column), text_name(column), value_name(column)
    if raw_type == "VARCHAR":
        text = tidied(raw, kind, source)
    else:
        text = f"CASE WHEN isnan({raw}) THEN NULL ELSE {raw} END" if raw_type == "DOUBLE" else raw
    match kind:
        case "cpr":
            return _cpr(raw, text, t, v, raw_type)
        case "text":
            return Cleaned(text if raw_type == "VARCHAR" else f"CAST({text} AS VARCHAR)", t, "'text-form'")
        case "integer":
            return _integer(text, t, raw_type, decimal_mark)
        case "decimal":
            return _decimal(text, t, v, raw_type, decimal_mark)
        case "date":
            return _date(text, t, raw_type, source)
        case "boolean":
            return _boolean(text, t, raw_type)


def tidied(raw: str, kind: ColumnType, source: TableSource) -> str:
    """Text without outer blanks, in normal form C; NULL for what stands for no value."""
    trimmed = f"trim(nfc_normalize({raw}), {literal(_BLANKS)})"
    tokens = ["''", *(literal(t.strip()) for t in source.null)]
    absent = f"{trimmed} IN ({', '.join(tokens)})"
    if kind != "text":
        absent += f" OR upper({trimmed}) IN ({', '.join(literal(t) for t in _NO_VALUE)})"
    blanks = "[ \u00a0\u202f]"
    spaced = f"regexp_full_match({trimmed}, '[+-]?[0-9]{{1,3}}({blanks}[0-9]{{3}})+([.,][0-9]*)?')"
    joined = f"WHEN {spaced} THEN translate({trimmed}, {literal(_BLANKS)}, '') "
    return (
        f"CASE WHEN {absent} THEN NULL {joined if kind in ('integer', 'decimal') else ''}ELSE {trimmed} END"
    )


def _cpr(raw: str, text: str, t: str, v: str, raw_type: str) -> Cleaned:
    if raw_type != "VARCHAR":
        text = f"CAST({text} AS VARCHAR)"
    marks = literal(_BLANKS + "-\u2010\u2011\u2012\u2013'")
    bare = f"regexp_replace(translate(upper({text}), {marks}, ''), '^([0-9]{{9,10}})[.]0+$', '\\1')"
    if raw_type == "VARCHAR":
        # Most numbers need no repair, and the engine evaluates the second branch for the others alone.
        bare = f"CASE WHEN regexp_full_match({raw}, '[0-9]{{10}}') THEN {raw} ELSE {bare} END"
    padded = f"(CASE WHEN regexp_full_match({t}, '[0-9]{{9}}') THEN '0' || {t} ELSE {t} END)"
    form = f"regexp_full_match({padded}, '[0-9]{{6}}[0-9A-Z]{{4}}')"
    digits = f"regexp_full_match({v}, '[0-9]{{10}}')"
    return Cleaned(
        bare,
        f"CASE WHEN {form} AND {_cpr_date(padded)} THEN {padded} END",
        f"CASE WHEN {form} THEN 'cpr-date' ELSE 'cpr-form' END",
        {
            "cpr-leading-zero-restored": f"length({t}) = 9",
            "cpr-replacement-number": f"NOT {digits} OR substr({v}, 1, 1) >= '6'",
        },
    )


def _cpr_date(cpr: str) -> str:
    """The day exists in a century that the number allows (samklang.model.cpr.has_date, as SQL).

    Only 29 February of a year '00 depends on the century: 1900 had none.
    """
    day, month, year = (f"TRY_CAST(substr({cpr}, {i}, 2) AS INTEGER)" for i in (1, 3, 5))
    leap = f"{year} % 4 = 0 AND NOT ({year} = 0 AND substr({cpr}, 7, 1) BETWEEN '0' AND '3')"
    last = (
        f"CASE WHEN {month} IN (4, 6, 9, 11) THEN 30 "
        f"WHEN {month} = 2 THEN CASE WHEN {leap} THEN 29 ELSE 28 END ELSE 31 END"
    )
    plain = f"(CASE WHEN {day} > 60 THEN {day} - 60 ELSE {day} END)"
    return f"{month} BETWEEN 1 AND 12 AND {plain} BETWEEN 1 AND {last}"


def _integer(text: str, t: str, raw_type: str, mark: str) -> Cleaned:
    if raw_type in _INTEGERS:
        return Cleaned(text, f"TRY_CAST({t} AS BIGINT)", "'integer-form'")
    if raw_type == "DOUBLE" or raw_type.startswith("DECIMAL"):
        whole = f"CASE WHEN {t} = floor({t}) THEN TRY_CAST({t} AS BIGINT) END"
        return Cleaned(text, whole, "'integer-form'")
    if raw_type != "VARCHAR":
        return Cleaned(text, "CAST(NULL AS BIGINT)", "'integer-form'")
    thousands = {"": "", ",": "|[0-9]{1,3}([.][0-9]{3})+", ".": "|[0-9]{1,3}(,[0-9]{3})+"}[mark]
    zeros = {"": "([.,]0{1,2})?", ",": "(,0+)?", ".": "([.]0+)?"}[mark]
    form = f"regexp_full_match({t}, '[+-]?([0-9]+{thousands}){zeros}')"
    bare = f"regexp_replace({t}, '{zeros}$', '')"
    if mark:
        bare = f"replace({bare}, {literal('.' if mark == ',' else ',')}, '')"
    return Cleaned(text, f"CASE WHEN {form} THEN TRY_CAST({bare} AS BIGINT) END", "'integer-form'")


def _decimal(text: str, t: str, v: str, raw_type: str, mark: str) -> Cleaned:
    target = ENGINE_TYPES["decimal"]
    if raw_type in _INTEGERS or raw_type == "DOUBLE" or raw_type.startswith("DECIMAL"):
        notes = {"decimal-rounded": f"{v} <> {t}"} if raw_type.startswith("DECIMAL") else {}
        return Cleaned(text, f"TRY_CAST({t} AS {target})", "'decimal-form'", notes)
    if raw_type != "VARCHAR":
        return Cleaned(text, f"CAST(NULL AS {target})", "'decimal-form'")
    point, other = ("[.]", ",") if mark != "," else (",", ".")
    group = f"[{other}]" if other == "." else other
    form = (
        f"regexp_full_match({t}, '[+-]?([0-9]+|[0-9]{{1,3}}({group}[0-9]{{3}})+)({point}[0-9]*)?')"
        f" OR regexp_full_match({t}, '[+-]?{point}[0-9]+')"
    )
    plain = f"replace({t}, {literal(other)}, '')"
    if mark == ",":
        plain = f"replace({plain}, ',', '.')"
    return Cleaned(
        text,
        f"CASE WHEN {form} THEN TRY_CAST({plain} AS {target}) END",
        "'decimal-form'",
        {"decimal-rounded": f"regexp_matches({t}, '{point}[0-9]{{6}}0*[1-9]')"},
    )


def decimal_mark_counts(t: str) -> tuple[str, str, str]:
    """Three conditions on a text: surely a decimal comma, surely a decimal point, either or thousands."""
    comma = f"regexp_full_match({t}, '[+-]?([0-9]*|[0-9]{{1,3}}([.][0-9]{{3}})+),[0-9]*')"
    point = f"regexp_full_match({t}, '[+-]?([0-9]*|[0-9]{{1,3}}(,[0-9]{{3}})+)[.][0-9]*')"
    both = f"regexp_full_match({t}, '[+-]?[1-9][0-9]{{0,2}}[.,][0-9]{{3}}')"
    # Two or more groups of thousands and no decimals say which mark is the other one.
    commas = f"regexp_full_match({t}, '[+-]?[0-9]{{1,3}}([.][0-9]{{3}}){{2,}}')"
    points = f"regexp_full_match({t}, '[+-]?[0-9]{{1,3}}(,[0-9]{{3}}){{2,}}')"
    return f"({comma} OR {commas}) AND NOT {both}", f"({point} OR {points}) AND NOT {both}", both


def _date(text: str, t: str, raw_type: str, source: TableSource) -> Cleaned:
    if raw_type in ("DATE", "TIMESTAMP"):
        return Cleaned(text, f"CAST({t} AS DATE)", "'date-form'")
    if raw_type == "TIMESTAMP WITH TIME ZONE":
        return Cleaned(text, f"CAST(timezone('{_ZONE}', {t}) AS DATE)", "'date-form'")
    if raw_type != "VARCHAR":
        text, raw_type = f"CAST({text} AS VARCHAR)", "VARCHAR"
    if source.date_formats:
        formats = ", ".join(literal(f) for f in source.date_formats)
        return Cleaned(text, f"CAST(try_strptime({t}, [{formats}]) AS DATE)", "'date-form'")
    clock = "[T ][0-9]{1,2}[:.][0-9]{2}([:.][0-9]{2}([.,][0-9]+)?)?"
    day = f"regexp_replace({t}, '{clock}$', '')"
    iso, compact = "[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}", "(1[89]|2[01])[0-9]{6}"
    european = "[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}"
    offset = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{clock} ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)"
    dashed = f"translate({day}, '/.', '--')"
    value = (
        f"CASE WHEN regexp_full_match({t}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') THEN TRY_CAST({t} AS DATE) "
        f"WHEN regexp_full_match({day}, '{iso}') THEN CAST(try_strptime({dashed}, '%Y-%m-%d') AS DATE) "
        f"WHEN regexp_full_match({day}, '{european}') THEN CAST(try_strptime({dashed}, '%d-%m-%Y') AS DATE) "
        f"WHEN regexp_full_match({day}, '{compact}') THEN CAST(try_strptime({day}, '%Y%m%d') AS DATE) "
        f"WHEN regexp_full_match({t}, '{offset}') "
        f"THEN CAST(timezone('{_ZONE}', TRY_CAST({t} AS TIMESTAMPTZ)) AS DATE) END"
    )
    shaped = f"regexp_full_match({day}, '{iso}|{european}|{compact}') OR regexp_full_match({t}, '{offset}')"
    return Cleaned(text, value, f"CASE WHEN {shaped} THEN 'date-impossible' ELSE 'date-form' END")


def _boolean(text: str, t: str, raw_type: str) -> Cleaned:
    if raw_type == "BOOLEAN":
        return Cleaned(text, t, "'boolean-form'")
    if raw_type != "VARCHAR":
        text = f"CAST({text} AS VARCHAR)"
    yes, no = "'true', '1', 'ja', 'yes', 'j', 'y', 'sand'", "'false', '0', 'nej', 'no', 'n', 'falsk'"
    value = f"CASE WHEN lower({t}) IN ({yes}) THEN true WHEN lower({t}) IN ({no}) THEN false END"
    return Cleaned(text, value, "'boolean-form'")
