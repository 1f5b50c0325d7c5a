"""A node's policy against the federation's manifest and codebook: can every word of it mean something?

The evaluator denies whatever it can't positively allow; this check tells a policy's author beforehand what
would be denied for ever by mistake, and refuses grants that the law's structure forbids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from samklang.model.checks.report import Report
from samklang.model.codebook import Codebook, Measure
from samklang.model.floor import Floor
from samklang.model.loading import Loaded
from samklang.model.manifest import Manifest
from samklang.model.policy import (
    APPROVAL_ORDER,
    CONSENT_ORDER,
    RELEASE_ORDER,
    WHOLE_POPULATION,
    Budget,
    Grant,
    Policy,
    Prohibition,
    banding_name,
    measure_name,
    presence_name,
)


def check_policy(policy: Policy | Loaded[Policy], manifest: Manifest, codebook: Codebook) -> None:
    """Check a policy.

    Raises:
        DocumentErrors: ``document-unknown-name``, ``document-twice``, ``document-dates``,
            ``document-policy-*``. What the manifest's floor makes stricter is checked as it holds.
    """
    report = Report(policy, "the policy")
    found = report.document
    report.known("node", found.policy.node, [n.id for n in manifest.nodes], "policy", "node")
    if found.policy.valid.from_ > found.policy.valid.until:
        report.add("document-dates", "policy", "valid")
    for name, people in found.people.items():
        for index, organisation in enumerate(people.organisations):
            report.known(
                "organisation", organisation, manifest.organisations, "people", name, "organisations", index
            )
    _variables(report, codebook)
    _approvers(report)
    _controllers(report)
    report.unique("grant", (g.id for g in found.grants), "grants")
    for index, grant in enumerate(found.grants):
        # Data must be joined with somebody's who has data.
        contributing = {n.organisation for n in manifest.nodes}
        _Grant(report, grant, ("grants", index)).check(contributing, codebook, manifest.floor)
    check_prohibitions(report, found.prohibitions, "prohibitions")
    report.raise_all()


def check_prohibitions(report: Report[Any], prohibitions: Sequence[Prohibition], *path: str) -> None:
    """Each has a name of its own and a condition; ``from_family`` and ``to_family`` go together."""
    report.unique("prohibition", (p.id for p in prohibitions), *path)
    for index, prohibition in enumerate(prohibitions):
        conditions = prohibition.model_dump(exclude={"id", "why"})
        one_way = (prohibition.from_family is None) != (prohibition.to_family is None)
        if one_way or not any(conditions.values()):
            report.add("document-policy-prohibition", *path, index, name=prohibition.id)


def check_budget(report: Report[Any], budget: Budget, *path: str | int) -> None:
    """A query's budget fits into a month's, a month's into a year's, a year's into all."""
    caps = [budget.per_query.epsilon, budget.month.epsilon, budget.year.epsilon]
    caps += [budget.lifetime.epsilon] if budget.lifetime else []
    if caps != sorted(caps):
        report.add("document-policy-budget", *path)


def _controllers(report: Report[Policy]) -> None:
    controllers = report.document.controllers
    report.unique("controller", (c.id for c in controllers if c.id is not None), "controllers")
    for index, controller in enumerate(controllers):
        if controller.joined and controller.joined.from_ > controller.joined.until:
            report.add("document-dates", "controllers", index, "joined")
        if controller.id is None and any(c.id is not None for c in controllers):
            report.add("document-policy-controller", "controllers", index)


def names_of(codebook: Codebook) -> set[str]:
    """Everything a grant can name."""
    names = {presence_name(sector) for sector in codebook.sectors}
    for name, variable in codebook.variables.items():
        if isinstance(variable, Measure):
            names.add(measure_name(name))
        else:
            names |= {banding_name(name, banding) for banding in variable.bandings}
    return names


def _variables(report: Report[Policy], codebook: Codebook) -> None:
    names = names_of(codebook)
    for name, rule in report.document.variables.items():
        bare = "/" not in name and " " not in name
        if not bare:
            report.known("variable/banding or measure", name, names, "variables", name)
        elif rule.release not in ("never", "match"):
            report.add("document-policy-bare", "variables", name, name=name)
        if rule.clip is not None and rule.clip[0] >= rule.clip[1]:
            low, high = rule.clip
            report.add("document-clip", "variables", name, "clip", low=low, high=high)
        if rule.clip is not None and not name.endswith(" as measure"):
            report.add("document-policy-clip", "variables", name, "clip", name=name)


def _approvers(report: Report[Policy]) -> None:
    """One key is one person: else one person could be two."""
    seen: dict[str, str] = {}
    for person, approver in report.document.approvers.items():
        if approver.key in seen:
            report.add("document-policy-approver-key", "approvers", person, "key", name=person)
        seen[approver.key] = person


class _Grant:
    def __init__(self, report: Report[Policy], grant: Grant, path: tuple[str | int, ...]) -> None:
        self.report, self.grant, self.path = report, grant, path

    def check(self, organisations: set[str], codebook: Codebook, floor: Floor) -> None:
        report, grant, path = self.report, self.grant, self.path
        for index, who in enumerate(grant.who):
            report.known("people", who, report.document.people, *path, "who", index)
        groups = {*codebook.target_groups, WHOLE_POPULATION}
        for index, group in enumerate(grant.target_groups):
            report.known("target group", group, groups, *path, "target_groups", index)
        for key in ("all_of", "any_of"):
            for index, name in enumerate(getattr(grant.joint_with, key)):
                report.known("organisation", name, organisations, *path, "joint_with", key, index)
        rules = report.document.variables
        for index, name in enumerate(grant.variables):
            place = (*path, "variables", index)
            if report.known("rule under 'variables' for", name, rules, *place):
                release = rules[name].release
                if RELEASE_ORDER.index(release) < RELEASE_ORDER.index("joint"):
                    report.add("document-policy-closed", *place, name=name, release=release)
        check_budget(report, grant.budget, *path, "budget")
        self._consent(floor)
        self._return()

    def _consent(self, floor: Floor) -> None:
        """Registers and roles have to be there for what holds under the floor, too."""
        consent, approval, least = self.grant.consent, self.grant.approval, floor.approval
        if CONSENT_ORDER.index(consent.model) < CONSENT_ORDER.index(floor.consent):
            self.report.add("document-policy-floor-consent", *self.path, "consent", model=floor.consent)
        if (consent.model == "none") == bool(consent.registers):
            self.report.add("document-policy-registers", *self.path, "consent", model=consent.model)
        mode = max(approval.mode, least.mode, key=APPROVAL_ORDER.index)
        conditions = approval.manual_if or least.manual_if
        needed = {"auto": 1 if conditions else 0, "manual": 1, "two-person": 2}[mode]
        if len(set(approval.roles)) < needed:
            self.report.add("document-policy-roles", *self.path, "approval", mode=mode, needed=needed)
        held = {approver.role for approver in self.report.document.approvers.values()}
        if needed and len(held & {*approval.roles}) < needed:
            self.report.add("document-policy-approvers", *self.path, "approval", name=self.grant.id)

    def _return(self) -> None:
        """Persons are returned under a care purpose alone, by one named rule, to one named node."""
        grant = self.grant
        returns = "return" in grant.operations
        wanted = (
            grant.purpose.family == "care",
            grant.operations == ("return",),
            grant.rule is not None and grant.return_to is not None,
            grant.consent.model == "opt-in",
        )
        idle = not returns and (grant.rule is not None or grant.return_to is not None)
        if idle or (returns and not all(wanted)):
            self.report.add("document-policy-return", *self.path, name=grant.id)
