"""The federation manifest by itself: parties, keys, and who may hold shares."""

from __future__ import annotations

from samklang.model.checks.policy import check_budget, check_prohibitions
from samklang.model.checks.report import Report
from samklang.model.loading import Loaded
from samklang.model.manifest import Manifest


def check_manifest(manifest: Manifest | Loaded[Manifest]) -> None:
    """Check a manifest.

    Raises:
        DocumentErrors: ``document-twice``, ``document-unknown-name``, ``document-dates``,
            ``document-coordinator-organisation``, ``document-snapshots``, ``document-compute-parties-*``,
            ``document-legal-role``, ``document-policy-budget``, ``document-policy-prohibition``.
    """
    report = Report(manifest, "the manifest")
    found = report.document
    report.unique("node", (n.id for n in found.nodes), "nodes")
    report.unique("identity key", (n.identity for n in found.nodes), "nodes")
    for index, node in enumerate(found.nodes):
        report.unique("sector", node.sectors, "nodes", index, "sectors")
        if node.id == found.coordinator.id:
            report.add("document-twice", "nodes", index, "id", kind="party", name=node.id)
        if node.identity == found.coordinator.identity:
            report.add("document-twice", "nodes", index, "identity", kind="identity key", name=node.identity)
        if node.organisation == found.coordinator.organisation:
            report.add(
                "document-coordinator-organisation",
                "nodes",
                index,
                "organisation",
                organisation=node.organisation,
                node=node.id,
            )
    _evaluators(report)
    if found.federation.valid.from_ > found.federation.valid.until:
        report.add("document-dates", "federation", "valid")
    when = found.snapshots
    for key, every in (("weekday", "week"), ("day", "month")):
        if getattr(when, key) is not None and when.every != every:
            report.add("document-snapshots", "snapshots", key, key=key, every=every)
    _compute_parties(report)
    if found.floor.budget:
        check_budget(report, found.floor.budget, "floor", "budget")
    check_prohibitions(report, found.floor.prohibitions, "floor", "prohibitions")
    _legal_roles(report)
    report.raise_all()


def _legal_roles(report: Report[Manifest]) -> None:
    """Parties that exist, in a part that they play; a processor names whom it serves, on what agreement."""
    found = report.document
    organisations = {n.organisation for n in found.nodes}
    parties = {
        "node": {n.id for n in found.nodes},
        "compute-party": {*found.compute_parties},
        "coordinator": {found.coordinator.id},
        "evaluator": {e.organisation for e in found.evaluators},
    }
    report.unique("legal role", (f"{r.party} as {r.part}" for r in found.legal_roles), "legal_roles")
    for index, role in enumerate(found.legal_roles):
        path = ("legal_roles", index)
        report.known("party", role.party, parties[role.part], *path, "party")
        for n, name in enumerate(role.on_behalf_of):
            report.known("organisation", name, organisations, *path, "on_behalf_of", n)
        processor = role.status == "processor"
        # A node that processes for others does so for whom its policy names, who have signed that.
        named = bool(role.on_behalf_of) or role.part == "node"
        if (
            (processor and not named)
            or (role.on_behalf_of and not processor)
            or (role.status != "controller" and not role.agreement)
        ):
            report.add("document-legal-role", *path, party=role.party, kind=role.status)


def _evaluators(report: Report[Manifest]) -> None:
    """Organisations of their own with keys of their own: who measures holds nothing and links nothing."""
    found = report.document
    taken = {n.organisation for n in found.nodes} | {found.coordinator.organisation}
    keys = {n.identity for n in found.nodes} | {found.coordinator.identity}
    for index, evaluator in enumerate(found.evaluators):
        if evaluator.organisation in taken:
            where = ("evaluators", index, "organisation")
            report.add("document-twice", *where, kind="organisation", name=evaluator.organisation)
        if evaluator.identity in keys:
            where = ("evaluators", index, "identity")
            report.add("document-twice", *where, kind="identity key", name=evaluator.identity)
        taken.add(evaluator.organisation)
        keys.add(evaluator.identity)


def _compute_parties(report: Report[Manifest]) -> None:
    """Three parties of three organisations: nodes where they can be, else the coordinator as A."""
    found = report.document
    where = "compute_parties"
    organisations = {n.id: n.organisation for n in found.nodes}
    coordinator = found.coordinator.id
    for index, party in enumerate(found.compute_parties):
        if not report.known("party", party, {*organisations, coordinator}, where, index):
            return
    report.unique("compute party", found.compute_parties, where)
    first, *others = found.compute_parties
    if len(set(organisations.values())) < 2:
        report.add("document-compute-parties-few", where)
    elif len(set(organisations.values())) == 2:
        if first != coordinator or coordinator in others:
            report.add("document-compute-parties-two", where, coordinator=coordinator)
    elif coordinator in found.compute_parties:
        report.add("document-compute-parties-coordinator", where)
    own = [organisations.get(p, found.coordinator.organisation) for p in dict.fromkeys(found.compute_parties)]
    if len(set(own)) < len(own):
        report.add("document-compute-parties-organisations", where)
