"""Reads off what a node's rules mean from the object that decides:
:class:`~samklang.policy.explained.Explained`.

Nothing here knows more, or less, than :func:`samklang.policy.decide`: every fact is a value of the narrowed
policy that the checks compare with. What they would refuse for ever is among what is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from samklang.model.codebook import Codebook, Measure
from samklang.model.manifest import Manifest
from samklang.model.policy import RELEASE_ORDER, WHOLE_POPULATION, Epsilon, Grant, People, Policy
from samklang.policy import explained as x
from samklang.policy.approving import effective, satisfied
from samklang.policy.decision import Caps
from samklang.policy.enforce import Enforced, Narrowed
from samklang.policy.grant_checks import LARGE, LARGE_DELTA, LARGE_EPSILON, MANY_CELLS
from samklang.policy.names import label_of
from samklang.policy.rows import rows_of
from samklang.policy.vocabulary import Vocabulary, bare, vocabulary
from samklang.privacy.accounting import rho_from_epsilon

__all__ = ["explained"]

JOINT, LOCAL = RELEASE_ORDER.index("joint"), RELEASE_ORDER.index("local")
KEY_SHOWN = slice(0, 20)
"""``ed25519:`` and the first twelve characters of a key."""


def explained(
    rules: Enforced, manifest: Manifest, codebook: Codebook, attributed: bool | None = None
) -> x.Explained:
    """What ``rules`` mean.

    Args:
        attributed: the tables of the node's configuration say whose their rows are; None if that isn't known.
    """
    policy = rules.policy
    node = next((n for n in manifest.nodes if n.id == policy.policy.node), None)
    words = vocabulary(policy.policy.node, manifest, codebook)
    valid = policy.policy.valid
    return x.Explained(
        policy=policy.policy.id,
        version=policy.policy.version,
        node=policy.policy.node,
        label=node.label if node else None,
        first=valid.from_,
        last=valid.until,
        controllers=tuple(
            x.Member(
                id=one.id,
                name=one.name,
                first=one.joined.from_ if one.joined else None,
                last=one.joined.until if one.joined else None,
            )
            for one in policy.controllers
        ),
        rows=rows_of(policy, attributed),
        permissions=tuple(_Grant(policy, grant, words, codebook).permission() for grant in policy.grants),
        approvers=tuple(
            x.Holder(person=person, role=one.role, key=one.key[KEY_SHOWN])
            for person, one in policy.approvers.items()
        ),
        forbidden=tuple(_forbidden(rules, codebook)),
        closed=tuple(
            x.Closed(name=name, label=label_of(name, codebook), pseudonym=rule.release == "match")
            for name, rule in policy.variables.items()
            if RELEASE_ORDER.index(rule.release) < JOINT
        ),
        near=x.Near(overlap=policy.differencing.overlap, least=policy.differencing.least),
        narrowed=tuple(_narrow(policy, found) for found in rules.narrowed if not _idle(policy, found)),
    )


class _Grant:
    def __init__(self, policy: Policy, grant: Grant, words: Vocabulary, codebook: Codebook) -> None:
        self.policy, self.grant = policy, grant
        self.words, self.codebook = words, codebook
        self.refused: list[x.Refused] = []

    def permission(self) -> x.Permission:
        policy, grant, refused = self.policy, self.grant, self.refused
        every, some = grant.joint_with.all_of, grant.joint_with.any_of
        reached = tuple(name for name in some if name in self.words.partners)
        askers, operations = tuple(self._askers()), tuple(self._operations())
        uses = tuple(self._uses(alone=not every and not some))
        groups = tuple(self._groups({use.name for use in uses}))
        purpose, basis, least = grant.purpose, grant.basis, grant.min_count or 0
        spend = rho_from_epsilon(grant.budget.per_query.epsilon, grant.budget.delta)
        missing: dict[Any, bool] = {
            "askers": not askers,
            "operations": not operations,
            "groups": not groups,
            "together": not {*every} <= self.words.partners or bool(some and not reached),
            "costs": spend <= 0,
        }
        return x.Permission(
            id=grant.id,
            purpose=purpose.text,
            family=purpose.family,
            askers=askers,
            operations=operations,
            groups=groups,
            legal=x.Legal(
                gdpr=basis.gdpr, danish=basis.danish, decision=basis.decision, confirmed_by=basis.confirmed_by
            ),
            uses=uses,
            together=every,
            together_any=() if {*some} & {*every} else reached or some,
            answer=x.Answer(
                max_axes=grant.max_axes,
                min_count=max(policy.defaults.min_count, least),
                subtraction=policy.defaults.secondary_suppression,
                release_kept=grant.retention.release,
                audit_kept=grant.retention.audit,
            ),
            costs=self._costs(spend),
            whose=x.Whose(
                model=grant.consent.model,
                registers=() if grant.consent.model == "none" else grant.consent.registers,
            ),
            approves=self._approves(spend),
            returned=self._returned() if "return" in operations else None,
            refused=tuple(refused),
            nothing=tuple(name for name, is_so in missing.items() if is_so),
        )

    def _refuse(self, what: Any, name: str, why: Any) -> None:
        label = (
            None if what in ("people", "operation") else label_of(name, self.codebook, group=what == "group")
        )
        self.refused.append(x.Refused(name=name, label=label, what=what, why=why))

    def _askers(self) -> Iterator[x.Asker]:
        """Who fits several kinds of people asks under any, and gives the answer to readers of all of them."""
        kinds: list[People] = []
        for name in self.grant.who:
            if name in self.policy.people:
                kinds.append(self.policy.people[name])
            else:
                self._refuse("people", name, "unknown")
        alike: dict[tuple[str, bool, tuple[str, ...]], list[str]] = {}
        for role, organisation in dict.fromkeys((one.role, o) for one in kinds for o in one.organisations):
            mine = [one for one in kinds if one.role == role and organisation in one.organisations]
            treated = all(one.treatment_relation == "required" for one in mine)
            readers = tuple(dict.fromkeys(o for one in mine for o in one.organisations))
            alike.setdefault((role, treated, readers), []).append(organisation)
        for (role, treated, readers), organisations in alike.items():
            yield x.Asker(
                role=role, organisations=tuple(organisations), treatment_relation=treated, readers=readers
            )

    def _operations(self) -> Iterator[Any]:
        for name in dict.fromkeys(self.grant.operations):
            if name == "return" and self._returned() is None:
                self._refuse("operation", name, "return")
            else:
                yield name

    def _returned(self) -> x.Returned | None:
        to, rule = self.grant.return_to, self.grant.rule
        if to is None or rule is None or self.grant.purpose.family != "care":
            return None
        return x.Returned(node=to.node, max_persons=to.max_persons, rule=rule)

    def _uses(self, *, alone: bool) -> Iterator[x.Usable]:
        for name in dict.fromkeys(self.grant.variables):
            rule, closed = self.policy.variables.get(name), self.policy.variables.get(bare(name))
            level = min(RELEASE_ORDER.index(one.release) for one in (rule, closed) if one) if rule else 0
            clip = self.words.uses.get(name)
            if name not in self.words.uses:
                self._refuse("use", name, "unknown")
            elif rule is None or level < JOINT:
                self._refuse("use", name, "closed")
            elif clip and rule.clip and not rule.clip[0] <= clip[0] <= clip[1] <= rule.clip[1]:
                self._refuse("use", name, "bounds")
            else:
                yield self._usable(name, alone=alone and level >= LOCAL)

    def _usable(self, name: str, *, alone: bool) -> x.Usable:
        label = label_of(name, self.codebook)
        variable = None if name.startswith("presence of ") else self.codebook.variables.get(bare(name))
        if variable is None:
            return x.Usable(name=name, label=label, alone=alone)
        if isinstance(variable, Measure):
            return x.Usable(name=name, label=label, bounds=variable.clip, unit=variable.unit, alone=alone)
        levels = tuple(level.label for level in variable.bandings[name.rpartition("/")[2]].levels)
        return x.Usable(name=name, label=label, levels=levels, alone=alone)

    def _groups(self, usable: set[str]) -> Iterator[x.Group]:
        for name in dict.fromkeys(self.grant.target_groups):
            needs = self.words.groups.get(name)
            if needs is None:
                self._refuse("group", name, "unknown")
            elif needs <= usable:
                label = None if name == WHOLE_POPULATION else label_of(name, self.codebook, group=True)
                yield x.Group(name=name, label=label, needs=tuple(sorted(needs)))
            else:
                self._refuse("group", name, "needs")

    def _costs(self, spend: int) -> x.Costs:
        budget, caps = self.grant.budget, Caps.of_grant(self.grant.budget)
        month, year, lifetime = (
            None if cap is None else cap // spend if spend > 0 else 0 for _, cap in caps.by_period()
        )
        return x.Costs(
            per_query=budget.per_query.epsilon,
            month=budget.month.epsilon,
            year=budget.year.epsilon,
            lifetime=budget.lifetime.epsilon if budget.lifetime else None,
            delta=budget.delta,
            questions=(month or 0, year or 0, lifetime),
        )

    def _approves(self, spend: int) -> x.Approves | None:
        approval, always = self.grant.approval, self.grant.approval.mode != "auto"
        conditions = () if always else approval.manual_if
        large = "large-budget" in conditions and spend > LARGE
        near = not always and self.policy.differencing.overlap == "approve"
        if not (always or large or near or {"new-template", "many-cells"} & {*conditions}):
            return None
        mode = effective(approval)
        holders = [(p, one.role, one.key) for p, one in self.policy.approvers.items()]
        return x.Approves(
            persons=2 if mode == "two-person" else 1,
            always=always,
            new_form="new-template" in conditions,
            cells=MANY_CELLS if "many-cells" in conditions else None,
            epsilon=LARGE_EPSILON if large else None,
            delta=LARGE_DELTA if large else None,
            near=near,
            roles=tuple(dict.fromkeys(approval.roles)),
            different=mode == "two-person" and len({*approval.roles}) > 1,
            enough=satisfied(holders, mode, approval.roles),
            waits=approval.expires,
        )


def _forbidden(rules: Enforced, codebook: Codebook) -> Iterator[x.Forbidden]:
    """The policy's own, then the floor's that say something else."""
    own, seen = len(rules.written.prohibitions), set()
    for index, p in enumerate(rules.policy.prohibitions):
        said = p.model_copy(update={"id": ""})
        if index >= own and said in seen:
            continue
        seen.add(said)
        yield x.Forbidden(
            id=p.id,
            why=p.why,
            leads_from=p.from_family,
            leads_to=p.to_family,
            families=p.families,
            organisations=p.organisations,
            operations=p.operations,
            groups=tuple(x.Named(name=g, label=label_of(g, codebook, group=True)) for g in p.target_groups),
            uses=tuple(x.Named(name=v, label=label_of(v, codebook)) for v in p.variables),
            floor=index >= own,
        )


def _idle(policy: Policy, found: Narrowed) -> bool:
    """A clause that the floor makes stricter and that never looked at: another is stricter yet."""
    if found.place[:1] == ("grants",) and found.place[2] == "approval" and found.place[3] == "manual_if":
        return policy.grants[int(found.place[1])].approval.mode != "auto"
    return found.place == ("differencing", "least") and policy.differencing.overlap == "allow"


def _narrow(policy: Policy, found: Narrowed) -> x.Narrow:
    kind, *rest = found.place
    what: Any = str(rest[-1])
    if kind == "differencing":
        what = {"overlap": "differencing", "least": "differencing.least"}[what]
    elif "retention" in rest:
        what = f"retention.{what}"
    return x.Narrow(
        grant=policy.grants[int(rest[0])].id if kind == "grants" else "",
        name=str(rest[0]) if kind == "variables" else "",
        what=what,
        written=_written(found.written),
    )


def _written(value: Any) -> str:
    if isinstance(value, Epsilon):
        return f"{value.epsilon.normalize():f}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
