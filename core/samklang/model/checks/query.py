"""A query against the federation's manifest and codebook."""

from __future__ import annotations

from datetime import date

from samklang.model.checks.codebook import suppliers
from samklang.model.checks.report import Report
from samklang.model.codebook import Category, Codebook, Interval, Measure, Variable
from samklang.model.loading import Loaded
from samklang.model.manifest import Manifest
from samklang.model.nesting import merged_levels
from samklang.model.query import Draft, PresenceAxis, Query, VariableAxis


def check_query(
    query: Draft | Loaded[Draft] | Loaded[Query],
    manifest: Manifest,
    codebook: Codebook,
    *,
    today: date | None = None,
) -> None:
    """Check a query or draft; manifest and codebook have passed their own checks, and the codebook is the one
    that the manifest names (:func:`samklang.model.signing.verify_codebook`).

    Args:
        today: in Europe/Copenhagen; a period that goes beyond it is refused. None for a query whose period
            :func:`samklang.model.signing.verify_query` has looked at.

    Raises:
        DocumentErrors: ``document-unknown-name``, ``document-query-*``, ``document-twice``,
            ``document-dates``, ``document-sector-unserved``.
    """
    _Check(query, manifest, codebook).run(today)


def touched_sectors(query: Draft, codebook: Codebook) -> set[str]:
    """Every sector that a query reads something from. Names must be known."""
    touched: set[str] = set()
    for axis in query.axes:
        touched |= (
            {axis.presence}
            if isinstance(axis, PresenceAxis)
            else suppliers(codebook.variables[axis.variable])
        )
    for name in [*(m.variable for m in query.measures), *(f.variable for f in query.filter)]:
        touched |= suppliers(codebook.variables[name])
    if query.target_group is not None:
        touched |= {part.sector for part in codebook.target_groups[query.target_group].parts}
    return touched


class _Check:
    def __init__(
        self, query: Draft | Loaded[Draft] | Loaded[Query], manifest: Manifest, codebook: Codebook
    ) -> None:
        self.report: Report[Draft] = Report(query, "the query")  # type: ignore[arg-type]
        self.query = self.report.document
        self.manifest = manifest
        self.codebook = codebook
        self.resolved = True

    def run(self, today: date | None) -> None:
        query, report = self.query, self.report
        if query.federation != self.manifest.federation.id:
            report.add("document-query-federation", "federation", expected=self.manifest.federation.id)
        if query.codebook != self.manifest.codebook:
            report.add("document-query-codebook", "codebook")
        if query.period.from_ >= query.period.until:
            report.add("document-dates", "period")
        elif today is not None and (key := query.period.in_future(today)):
            report.add("document-query-future", "period", key, key=key)
        axes = self._axes()
        self._measures()
        self._filters()
        group = query.target_group
        if group is not None and not report.known(
            "target group", group, self.codebook.target_groups, "target_group"
        ):
            self.resolved = False
        self._require(axes)
        self._report_by(axes)
        if self.resolved:
            self._nodes()
        report.raise_all()

    def _variable(self, name: str, *path: str | int) -> Variable | None:
        if self.report.known("variable", name, self.codebook.variables, *path):
            return self.codebook.variables[name]
        self.resolved = False
        return None

    def _require(self, axes: dict[str, list[str] | None]) -> None:
        for axis, levels in self.query.require.items():
            if axis not in axes and None in axes.values():
                continue  # it may be the one whose name has to be corrected first
            if self.report.known("axis", axis, axes, "require", axis):
                known = axes[axis]
                for index, level in enumerate(levels if known is not None else ()):
                    self.report.known("level", level, known or (), "require", axis, index)
                if not levels:
                    self.report.add("document-query-require", "require", axis, axis=axis)

    def _report_by(self, axes: dict[str, list[str] | None]) -> None:
        """The margin's axes are the query's, in bandings that merge whole levels."""
        report = self.report
        own = {a.variable: a for a in self.query.axes if isinstance(a, VariableAxis)}
        report.unique("axis", (m.axis for m in self.query.report_by), "report_by")
        for index, wanted in enumerate(self.query.report_by):
            path = ("report_by", index)
            if not report.known("axis", wanted.axis, axes, *path, "axis") or wanted.banding is None:
                continue
            if wanted.axis not in own:
                report.add("document-query-margin-presence", *path, "banding", name=wanted.axis)
                continue
            axis, variable = own[wanted.axis], self.codebook.variables.get(wanted.axis)
            if variable is None or isinstance(variable, Measure) or axis.banding not in variable.bandings:
                continue  # said at the axis
            if not report.known("banding", wanted.banding, variable.bandings, *path, "banding"):
                continue
            fine, coarse = (variable.bandings[b] for b in (axis.banding, wanted.banding))
            if merged_levels(variable, fine, coarse) is None:
                report.add(
                    "document-query-margin-banding",
                    *path,
                    "banding",
                    name=wanted.axis,
                    banding=wanted.banding,
                    own=axis.banding,
                )

    def _axes(self) -> dict[str, list[str] | None]:
        """The levels that may be required, by axis name; None (any) where the axis isn't known."""
        found: dict[str, list[str] | None] = {}
        for index, axis in enumerate(self.query.axes):
            if isinstance(axis, PresenceAxis):
                name = axis.presence
                levels: list[str] | None = ["present", "PRESENT", "ABSENT"]
                if not self.report.known("sector", name, self.codebook.sectors, "axes", index, "presence"):
                    self.resolved, levels = False, None
            else:
                name, levels = axis.variable, self._axis_levels(axis, index)
            if name in found:
                self.report.add("document-twice", "axes", index, kind="axis", name=name)
            found[name] = levels
        return found

    def _axis_levels(self, axis: VariableAxis, index: int) -> list[str] | None:
        path = ("axes", index)
        variable = self._variable(axis.variable, *path, "variable")
        if variable is None:
            return None
        if isinstance(variable, Measure):
            self.report.add("document-query-measure-axis", *path, "variable", name=axis.variable)
            return None
        if not self.report.known("banding", axis.banding, variable.bandings, *path, "banding"):
            return None
        levels = [level.id for level in variable.bandings[axis.banding].levels]
        sides = ["START-ONLY", "END-ONLY"] if isinstance(variable, Interval) else []
        return [*levels, "present", "MISSING", "ABSENT", *sides]

    def _measures(self) -> None:
        for index, use in enumerate(self.query.measures):
            path = ("measures", index, "variable")
            variable = self._variable(use.variable, *path)
            if variable is not None and not isinstance(variable, Measure):
                self.report.add("document-query-not-measure", *path, name=use.variable)
        self.report.unique("measure", (f"{m.variable} as {m.as_}" for m in self.query.measures), "measures")

    def _filters(self) -> None:
        for index, kept in enumerate(self.query.filter):
            path = ("filter", index)
            variable = self._variable(kept.variable, *path, "variable")
            if variable is None:
                continue
            if not isinstance(variable, Category):
                self.report.add("document-query-filter", *path, "variable", name=kept.variable)
            elif self.report.known("banding", kept.banding, variable.bandings, *path, "banding"):
                ids = [level.id for level in variable.bandings[kept.banding].levels]
                for position, level in enumerate(kept.levels):
                    self.report.known("level", level, ids, *path, "levels", position)

    def _nodes(self) -> None:
        """The nodes in question exist and serve every sector that is read."""
        nodes = {n.id: set(n.sectors) for n in self.manifest.nodes}
        chosen = self.query.nodes
        if chosen is not None:
            self.report.unique("node", chosen, "nodes")
            for index, node in enumerate(chosen):
                self.report.known("node", node, nodes, "nodes", index)
            nodes = {n: s for n, s in nodes.items() if n in chosen}
        touched = touched_sectors(self.query, self.codebook)
        for sector in sorted(touched - set().union(*nodes.values())):
            self.report.add(
                "document-sector-unserved", "nodes" if chosen is not None else "axes", sector=sector
            )
        taking_part = {n for n, sectors in nodes.items() if sectors & touched}
        if len(taking_part) < 2:
            self.report.add("document-query-one-node", "nodes" if chosen is not None else "axes")
        if chosen is not None:
            for index, node in enumerate(chosen):
                if node in nodes and node not in taking_part:
                    self.report.add("document-query-idle-node", "nodes", index, name=node)
