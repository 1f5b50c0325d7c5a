"""Public figures: names that the codebook has, parts that aren't more than the whole."""

from __future__ import annotations

from samklang.model.checks.report import Report
from samklang.model.codebook import Codebook, Figures, Interval, Measure
from samklang.model.policy import WHOLE_POPULATION

_SPECIAL = ("START-ONLY", "END-ONLY")
"""Levels of an interval that no banding names."""


def check_figures(report: Report[Codebook]) -> None:
    """Check the section ``figures``.

    Adds ``document-unknown-name``, ``document-figures-share``, ``document-figures-sector``.
    """
    codebook = report.document
    for group, figures in codebook.figures.items():
        path = ("figures", group)
        report.known("target group", group, [*codebook.target_groups, WHOLE_POPULATION], *path)
        for sector, present in figures.sectors.items():
            here = (*path, "sectors", sector)
            if report.known("sector", sector, codebook.sectors, *here) and present > figures.citizens:
                report.add("document-figures-sector", *here, sector=sector)
        for name in figures.means:
            measures = [n for n, v in codebook.variables.items() if isinstance(v, Measure)]
            report.known("measure", name, measures, *path, "means", name)
        _shares(report, figures, (*path, "shares"))


def _shares(report: Report[Codebook], figures: Figures, path: tuple[str, ...]) -> None:
    bandings = {
        f"{name}/{banding}": (variable, levels)
        for name, variable in report.document.variables.items()
        if not isinstance(variable, Measure)
        for banding, levels in variable.bandings.items()
    }
    for name, shares in figures.shares.items():
        if not report.known("banding", name, bandings, *path, name):
            continue
        variable, banding = bandings[name]
        levels = [level.id for level in banding.levels]
        if isinstance(variable, Interval):
            levels += _SPECIAL
        for level in shares:
            report.known("level", level, levels, *path, name, level)
        if sum(shares.values()) > 1:
            report.add("document-figures-share", *path, name, name=name)
