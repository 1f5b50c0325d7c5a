"""The codebook by itself: names, SQL, bandings and target groups."""

from __future__ import annotations

from samklang.errors import SamklangError
from samklang.model import sql as codebook_sql
from samklang.model.checks.bandings import check_bandings
from samklang.model.checks.figures import check_figures
from samklang.model.checks.report import Report
from samklang.model.codebook import (
    Category,
    Clause,
    ClipBy,
    Codebook,
    Interval,
    Measure,
    Part,
    Total,
    Variable,
)
from samklang.model.loading import Loaded
from samklang.model.policy import WHOLE_POPULATION

RESERVED = ("target_group", "cpr", "present", "count", "levels", "shown")
"""Names that the software itself gives to something."""


def check_codebook(codebook: Codebook | Loaded[Codebook]) -> None:
    """Check a codebook.

    Raises:
        DocumentErrors: ``document-unknown-name``, ``document-reserved``, ``document-table-cpr``,
            ``document-sql-*``, ``document-clip``, ``document-clip-by-*``, ``document-default``,
            ``document-banding-*``, ``document-level-*``, ``document-clause-*``, ``document-at-least``,
            ``document-figures-*``.
    """
    report = Report(codebook, "the codebook")
    found = report.document
    for section, names in (("sectors", found.sectors), ("variables", found.variables)):
        for name in names:
            if name in RESERVED:
                report.add("document-reserved", section, name, name=name)
    if WHOLE_POPULATION in found.target_groups:
        report.add("document-reserved", "target_groups", WHOLE_POPULATION, name=WHOLE_POPULATION)
    for name, table in found.tables.items():
        report.known("sector", table.sector, found.sectors, "tables", name, "sector")
        if [c for c, kind in table.columns.items() if kind == "cpr"] != ["cpr"]:
            report.add("document-table-cpr", "tables", name, "columns", table=name)
    for name, sector in found.sectors.items():
        path = ("sectors", name, "population")
        _sql(report, name, sector.population, path, codebook_sql.POPULATION)
    for name, variable in found.variables.items():
        _variable(report, name, variable)
    for name, group in found.target_groups.items():
        for index, part in enumerate(group.parts):
            _part(report, part, ("target_groups", name, "parts", index))
        sectors = {p.sector for p in group.parts}
        if group.at_least > len(sectors):
            report.add(
                "document-at-least",
                "target_groups",
                name,
                "at_least",
                most=len(sectors),
                asked=group.at_least,
            )
    check_figures(report)
    report.raise_all()


def suppliers(variable: Variable) -> set[str]:
    """The sectors that supply a variable."""
    if isinstance(variable, Category):
        return {variable.sector}
    if isinstance(variable, Interval):
        return {variable.start.sector, variable.end.sector}
    return set(variable.sql)


def _variable(report: Report[Codebook], name: str, variable: Variable) -> None:
    path = ("variables", name)
    if isinstance(variable, Category):
        if report.known("sector", variable.sector, report.document.sectors, *path, "sector"):
            _sql(report, variable.sector, variable.sql, (*path, "sql"))
    elif isinstance(variable, Interval):
        for side, event in (("start", variable.start), ("end", variable.end)):
            if report.known("sector", event.sector, report.document.sectors, *path, side, "sector"):
                _sql(report, event.sector, event.sql, (*path, side, "sql"))
    else:
        for sector, text in variable.sql.items():
            if report.known("sector", sector, report.document.sectors, *path, "sql", sector):
                _sql(report, sector, text, (*path, "sql", sector))
    if isinstance(variable, Measure):
        _measure(report, name, variable)
    else:
        check_bandings(report, name, variable)
    if isinstance(variable, Total) and variable.default is not None:
        _default(report, name, variable.default, 0, variable.clip)


def _measure(report: Report[Codebook], name: str, measure: Measure) -> None:
    low, high = measure.clip
    if low >= high:
        report.add("document-clip", "variables", name, "clip", low=low, high=high)
        return
    if measure.default is not None:
        _default(report, name, measure.default, low, high)
    if measure.clip_by is not None:
        _clip_by(report, measure, measure.clip_by, ("variables", name, "clip_by"))


def _clip_by(report: Report[Codebook], measure: Measure, by: ClipBy, path: tuple[str, ...]) -> None:
    variables = report.document.variables
    if not report.known("variable", by.variable, variables, *path, "variable"):
        return
    deciding = variables[by.variable]
    if (
        not isinstance(deciding, Category | Total)
        or suppliers(deciding) != set(measure.sql)
        or len(measure.sql) != 1
    ):
        report.add("document-clip-by-variable", *path, "variable", name=by.variable)
        return
    if not report.known("banding", by.banding, deciding.bandings, *path, "banding"):
        return
    ids = [level.id for level in deciding.bandings[by.banding].levels]
    least, most = measure.clip
    for level, (low, high) in by.clip.items():
        # A level may have one value alone: no days in bed without an admission.
        if report.known("level", level, ids, *path, "clip", level) and not least <= low <= high <= most:
            report.add("document-clip-by-range", *path, "clip", level, level=level, low=low, high=high)


def _default(report: Report[Codebook], name: str, default: int, low: int, high: int) -> None:
    if not low <= default <= high:
        report.add("document-default", "variables", name, "default", low=low, high=high)


def _sql(
    report: Report[Codebook],
    sector: str,
    text: str,
    path: tuple[str, ...],
    columns: tuple[str, ...] = codebook_sql.VALUE,
) -> None:
    tables = {n: t for n, t in report.document.tables.items() if t.sector == sector}
    try:
        statement = codebook_sql.parse(text, tables, columns)
    except SamklangError as error:
        report.pass_on(error, path)
        return
    if path[0] == "sectors" and statement.placeholders - {"as_of"}:
        report.add("document-population-period", *path, sector=sector)


def _part(report: Report[Codebook], part: Part, path: tuple[str | int, ...]) -> None:
    report.known("sector", part.sector, report.document.sectors, *path, "sector")
    for index, clause in enumerate(part.all):
        _clause(report, clause, part.sector, (*path, "all", index))


def _clause(report: Report[Codebook], clause: Clause, sector: str, path: tuple[str | int, ...]) -> None:
    variables = report.document.variables
    if not report.known("variable", clause.variable, variables, *path, "variable"):
        return
    variable = variables[clause.variable]
    if not isinstance(variable, Category | Total):
        report.add("document-clause-kind", *path, "variable", name=clause.variable)
        return
    if sector not in suppliers(variable):
        report.add("document-clause-sector", *path, "variable", name=clause.variable, sector=sector)
    if report.known("banding", clause.banding, variable.bandings, *path, "banding"):
        ids = [level.id for level in variable.bandings[clause.banding].levels]
        for position, level in enumerate(clause.levels):
            report.known("level", level, ids, *path, "levels", position)
