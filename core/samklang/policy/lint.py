"""What is sound and still worth a second look: clauses that do nothing, or less than they seem to.

:func:`samklang.model.checks.check_policy` finds what is wrong; these are warnings, each with the clause.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from samklang.errors import SamklangError
from samklang.model.accession import Accession
from samklang.model.codebook import Codebook
from samklang.model.config import AnyRegister, AnyTable, ControllerFiles, attributed
from samklang.model.loading import Loaded
from samklang.model.manifest import Manifest
from samklang.model.policy import RELEASE_ORDER, Policy
from samklang.model.problems import place
from samklang.policy.enforce import enforce
from samklang.policy.lint_closed import closes_nothing
from samklang.policy.request import Place
from samklang.policy.table import Table, atoms
from samklang.policy.vocabulary import vocabulary

__all__ = ["lint"]

SOON = timedelta(days=60)


def lint(
    loaded: Loaded[Policy],
    manifest: Manifest,
    codebook: Codebook,
    today: date,
    registers: dict[str, AnyRegister] | None = None,
    tables: dict[str, AnyTable] | None = None,
) -> list[SamklangError]:
    """Warnings in reading order. ``registers``, ``tables``: those of the node's configuration, if it is
    known."""
    found = [*_warnings(loaded.document, manifest, codebook, today, registers)]
    found += _controllers(loaded.document, tables)
    for clause, warning in found:
        warning.at = loaded.position(clause)
        warning.clause = place(clause) if clause else ""
    return sorted((w for _, w in found), key=lambda w: (w.at.line, w.at.column) if w.at else (0, 0))


Found = Iterator[tuple[Place, SamklangError]]


def _warnings(
    policy: Policy,
    manifest: Manifest,
    codebook: Codebook,
    today: date,
    registers: dict[str, AnyRegister] | None,
) -> Found:
    yield from _validity(policy, manifest, today)
    used_people = {name for grant in policy.grants for name in grant.who}
    for name in policy.people.keys() - used_people:
        yield ("people", name), SamklangError("policy-lint-unused", name=name)
    used = {name for grant in policy.grants for name in grant.variables}
    for name, rule in policy.variables.items():
        opens = RELEASE_ORDER.index(rule.release) >= RELEASE_ORDER.index("joint")
        if opens and name not in used:
            yield ("variables", name), SamklangError("policy-lint-unused", name=name)
    for narrowed in enforce(policy, manifest).narrowed:
        if narrowed.written is None or narrowed.place[-1:] == ("manual_if",):
            continue
        yield narrowed.place, SamklangError("policy-lint-floor", where=place(narrowed.place))
    yield from _grants(policy, manifest, codebook)
    for index, grant in enumerate(policy.grants):
        for n, name in enumerate(grant.consent.registers):
            clause: Place = ("grants", index, "consent", "registers", n)
            kind = "consent" if grant.consent.model == "opt-in" else "objection"
            register = (registers or {}).get(name)
            if registers is not None and (register is None or register.kind != kind):
                yield clause, SamklangError("policy-lint-register", name=name, kind=kind)
        if not grant.basis.danish:
            yield ("grants", index, "basis"), SamklangError("policy-lint-basis", name=grant.id)
    if not any(p.from_family == "statistical" for p in policy.prohibitions):
        yield ("prohibitions",), SamklangError("policy-lint-one-way")


def _controllers(policy: Policy, tables: dict[str, AnyTable] | None) -> Found:
    """Who takes part when, and whether the node can tell whose a row is."""
    accession, valid = Accession.of(policy), policy.policy.valid
    for index, (name, period) in enumerate(accession.periods):
        if period is None:
            continue
        if period.until < valid.from_ or period.from_ > valid.until:
            yield ("controllers", index, "joined"), SamklangError("policy-lint-never-joined", name=name)
    several = len(accession.periods) > 1
    if several and any(period for _, period in accession.periods) and not accession.named:
        yield ("controllers",), SamklangError("policy-lint-controllers-ids")
    if tables is None:
        return
    if several and not all(map(attributed, tables.values())):
        yield ("controllers",), SamklangError("policy-lint-controllers-rows")
    listed = {name for name, _ in accession.periods}
    for name in sorted(_named_in(tables) - listed):
        yield ("controllers",), SamklangError("policy-lint-controller-unlisted", name=name)


def _named_in(tables: dict[str, AnyTable]) -> set[str]:
    """Every controller that a table names."""
    found: set[str] = set()
    for table in tables.values():
        if isinstance(table, ControllerFiles):
            found |= table.files_of.keys()
        elif table.controller is not None:
            found |= {*table.controller.ids.values()}
    return found


def _validity(policy: Policy, manifest: Manifest, today: date) -> Found:
    valid, whole = policy.policy.valid, manifest.federation.valid
    if today > valid.until or today < valid.from_:
        yield (
            ("policy", "valid"),
            SamklangError("policy-lint-not-valid", first=valid.from_, last=valid.until, today=today),
        )
    elif today + SOON > valid.until:
        yield ("policy", "valid"), SamklangError("policy-lint-ends", last=valid.until)
    if valid.until > whole.until:
        yield ("policy", "valid"), SamklangError("policy-lint-outlives", last=whole.until)


def _grants(policy: Policy, manifest: Manifest, codebook: Codebook) -> Found:
    """Grants, or single parts of them, that no request can make use of."""
    words = vocabulary(policy.policy.node, manifest, codebook)
    enforced = enforce(policy, manifest)
    rules = enforced.policy
    table = Table(rules, words)
    alive = [(atom, found) for atom in atoms((rules,), words) if (found := table.bounds(atom))]
    shown = {n for _, f in alive for r in (f.alone, f.together) if r for n in r.uses}
    for clause, warning in closes_nothing(rules, codebook, words, shown):
        yield enforced.clause(clause), warning
    for name in manifest.floor.variables:
        if name not in words.uses and ("/" in name or " " in name):
            yield ("floor", "variables", name), SamklangError("policy-lint-forbids-nothing", name=name)
    for index, grant in enumerate(policy.grants):
        mine = [(atom, found) for atom, found in alive if atom.purpose == grant.id]
        if not mine:
            yield ("grants", index), SamklangError("policy-lint-dead", name=grant.id)
            continue
        usable = {n for _, f in mine for r in (f.alone, f.together) if r for n in r.uses}
        for n, name in enumerate(grant.variables):
            if name not in usable:
                yield ("grants", index, "variables", n), SamklangError("policy-lint-never", name=name)
        for key, asked in (
            ("operations", {atom.operation for atom, _ in mine}),
            ("target_groups", {atom.group for atom, _ in mine}),
        ):
            for n, name in enumerate(getattr(grant, key)):
                if name not in asked:
                    yield ("grants", index, key, n), SamklangError("policy-lint-never", name=name)
