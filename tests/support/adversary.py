"""What attacks need: a small federation, parties that deviate, and a runner that goes on after a failure.

An attack is refused if the party that must notice it fails with the named error *and* the others, going
on as far as they can (an attacker may keep back the news), come to no outcome and pay at most once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from tests.support.federation import COORDINATOR, Federation, Values, any_margin
from tests.support.quiet import NoNoise

from samklang.errors import SamklangError
from samklang.model.codebook import Codebook
from samklang.model.query import Draft
from samklang.privacy.noise import NoiseSource
from samklang.protocol import participant as participant_module
from samklang.protocol.actions import START, Action, Event, Send, Source
from samklang.protocol.linking import Grouping, group
from samklang.protocol.participant import Participant
from samklang.protocol.program import Program
from samklang.protocol.roles.contributor import Contributor
from samklang.protocol.roles.script import Script, ScriptRole
from samklang.protocol.rows import contribution, rows_label
from samklang.protocol.sharing import split
from samklang.protocol.simulation import AttemptFailed, Simulation
from samklang.protocol.streams import BytesSource
from samklang.protocol.tags import tags
from samklang.protocol.words import Words, concatenate

LABEL = {"en": "x", "da": "x"}
THREE = {"home": ("home",), "clinic": ("clinic",), "practice": ("practice",)}
TWO = {"home": ("home",), "clinic": ("clinic", "practice")}
FOUR = THREE | {"practice-2": ("practice",)}
NINE = THREE | {f"practice-{i}": ("practice",) for i in range(2, 8)}
"""No node may be called after its sector in real life; here it makes the tests read well."""

CITIZENS = [f"{day:02d}{month:02d}7{n}{n:04d}" for n in range(2) for month in (1, 6) for day in range(1, 28)]
"""Looks like CPR numbers; none is valid."""

ByNode = Mapping[str, Mapping[str, Values]]


def banding(**levels: tuple[int | None, int | None]) -> dict[str, Any]:
    ranges = [{"id": n, "label": LABEL, "from": low, "until": high} for n, (low, high) in levels.items()]
    return {"b": {"levels": ranges}}


def codebook() -> Codebook:
    """A category at one sector, a total over two, presence, a measure: every stage has something to do."""
    kinds = [{"id": n, "label": LABEL, "values": [n]} for n in ("low", "high")]
    return Codebook.model_validate(
        {
            "codebook": {"id": "small", "version": 1, "label": LABEL},
            "sectors": {s: {"label": LABEL, "population": "x"} for s in ("home", "clinic", "practice")},
            "tables": {"t": {"sector": "home", "columns": {"cpr": "cpr"}}},
            "variables": {
                "care": {
                    "kind": "category",
                    "label": LABEL,
                    "sector": "home",
                    "sql": "x",
                    "bandings": {"b": {"levels": kinds}},
                },
                "visits": {
                    "kind": "total",
                    "label": LABEL,
                    "sql": {"clinic": "x", "practice": "x"},
                    "clip": 3,
                    "default": 0,
                    "bandings": banding(few=(None, 2), many=(2, None))
                    | {"any": {"levels": [{"id": "any", "label": LABEL, "from": 0}]}},
                },
                "days": {
                    "kind": "measure",
                    "label": LABEL,
                    "unit": LABEL,
                    "sql": {"clinic": "x"},
                    "clip": (0, 20),
                },
            },
        }
    )


def draft(digest: str, *, epsilon: str = "8", measures: bool = True, margin: bool = True) -> Draft:
    return Draft.model_validate(
        {
            "title": LABEL,
            "federation": "test",
            "codebook": digest,
            "operation": "stratify",
            "purpose": {"family": "statistical", "id": "p"},
            "period": {"from": "2025-01-01", "until": "2025-03-01", "as_of": "2025-03-01"},
            "axes": [
                {"variable": "care", "banding": "b"},
                {"variable": "visits", "banding": "b"},
            ],
            "measures": [{"variable": "days", "as": "sum"}] if measures else [],
            "report_by": [{"axis": "visits", "banding": "any"}, {"axis": "care"}] if margin else [],
            "privacy": {"epsilon": epsilon},
        }
    )


def small(nodes: Mapping[str, tuple[str, ...]] = THREE, *, memberships: int = 2, **query: Any) -> Federation:
    """A federation around :func:`codebook`; ε = 8 keeps padding, and so the tests, small."""
    with any_margin():
        return Federation(nodes, codebook(), lambda d: draft(d, **query), memberships=memberships)


def values(
    program: Program,
    held: Mapping[str, Sequence[str]],
    value: Callable[[str, str], int] = lambda cpr, kind: (
        int(cpr[1:6]) % {"level": 2, "number": 4}.get(kind, 21)
    ),
) -> dict[str, dict[str, Values]]:
    """What each node knows: the citizens in ``held``, with ``value(cpr, feature kind)`` throughout."""
    made: dict[str, dict[str, Values]] = {}
    for node in program.inputs:
        cpr = np.array(sorted(held.get(node, ())), "S10")
        made[node] = {}
        for sector in program.sectors[node]:
            known = Values(cpr)
            for feature in program.features(sector):
                numbers = [value(c.decode(), feature.kind) for c in cpr.tolist()]
                known.values[feature.name] = np.array(numbers, np.int64)
                known.valid[feature.name] = np.ones(len(cpr), bool)
            made[node][sector] = known
    return made


def overlapping(program: Program) -> dict[str, dict[str, Values]]:
    """Sixty citizens, some at one node, some at several."""
    held = {n: CITIZENS[10 * i : 10 * i + 40] for i, n in enumerate(program.inputs)}
    return values(program, held)


@dataclass
class Stubborn(Simulation):
    """A runner in which a party that fails falls silent and all others go on.

    Attributes:
        failures: who failed, with what.
    """

    failures: dict[str, SamklangError] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        self._sends, self._receives, self._results = {}, {}, {}
        todo = deque((p, Event(START)) for p in self.roles)
        while todo:
            party, event = todo.popleft()
            if party in self.failures:
                continue
            try:
                actions = self.roles[party].on(event)
                for action in actions:
                    todo.extend(self._execute(party, action))
                    if party in self.failures:
                        break
            except SamklangError as error:
                self.failures[party] = error
        return self._results

    def _match(
        self, sender: str, recipient: str, stage: str, table: dict[tuple[str, str, str], Any], action: Any
    ) -> list[tuple[str, Event]]:
        try:
            return super()._match(sender, recipient, stage, table, action)
        except AttemptFailed as failed:
            self.failures[failed.party] = failed.error
            return [(sender, Event(f"send:{stage}:{recipient}"))]


def refused(
    federation: Federation,
    known: ByNode,
    code: str,
    *by: str,
    noise: NoiseSource | None = None,
    reason: str = "",
    **hooks: Any,
) -> Stubborn:
    """Run an attack: ``by`` (or anybody) must name ``code``, nobody gets an outcome, nobody pays twice."""
    participants = federation.participants(known, noise or NoNoise())
    return refused_among(participants, code, *by, reason=reason, **hooks)


def refused_among(
    participants: Mapping[str, Participant], code: str, *by: str, reason: str = "", **hooks: Any
) -> Stubborn:
    """The same with participants made before."""
    run = Stubborn(participants, **hooks)
    results = run.run()
    assert COORDINATOR not in results, "an outcome was released"
    named = {party: error for party, error in run.failures.items() if error.code == code}
    assert named, {p: e.code for p, e in run.failures.items()}
    assert set(by) <= set(named), (set(named), {p: e.code for p, e in run.failures.items()})
    if reason:
        assert all(reason in error.what for party, error in named.items() if not by or party in by)
    assert all(len(paid) <= 1 for paid in run.charges.values())
    for done in run.records.values():
        assert len(done) == len(set(done))
    return run


Change = Callable[[Any, Action], Action]


def deviating(role: type[ScriptRole], change: Change) -> type[ScriptRole]:
    """``role`` with ``change(self, action)`` in the place of each of its actions."""

    class Deviating(role):  # type: ignore[misc, valid-type]
        def script(self) -> Script:
            inner = super().script()
            answers: Any = None
            while True:
                try:
                    actions = next(inner) if answers is None else inner.send(answers)
                except StopIteration as stop:
                    return stop.value
                answers = yield [change(self, a) for a in actions]

    return Deviating


def install(monkeypatch: pytest.MonkeyPatch, **roles: type[ScriptRole]) -> None:
    """Let participants play these roles instead of the honest ones (``PartyB=...``, ``Linker=...``)."""
    for name, role in roles.items():
        monkeypatch.setattr(participant_module, name, role)


def adding_rows(node: str, rows: Sequence[tuple[str, Mapping[int, int]]]) -> type[Contributor]:
    """An input party that sends more rows than it has citizens: for each entry one with that citizen's tag
    and the given words by axis, every other word 0."""

    class Adding(Contributor):
        def _make(self) -> tuple[Words, bytes]:
            s = self.session
            if s.me != node:
                return super()._make()
            assert s.link_key is not None
            words = contribution(
                s.program,
                self.noise,
                link_key=s.link_key,
                by_sector=self.prepare() if self.prepare else None,
                groups=s.me in s.program.compute,
            )
            more = Words.zeros(s.program.row_shape, len(rows))
            more.wide[0][:], more.wide[1][:] = tags(s.link_key, np.array([cpr for cpr, _ in rows], "S10"))
            for place, (_, given) in enumerate(rows):
                for axis, word in given.items():
                    more.narrow[axis][place] = word
            words = concatenate([words, more])
            return words, split(words, rows_label(s.attempt))

    return Adding


def content(source: Source) -> bytes:
    return b"".join(bytes(piece) for piece in source.pieces())


def resend(action: Send, data: bytes) -> Send:
    """The same message with other bytes."""
    return Send(action.to, action.stage, BytesSource(data))


def canonical_grouping(members: Sequence[Sequence[int]], largest: int) -> Grouping:
    """The canonical form of a partition of 0..R-1."""
    label = np.empty(sum(len(m) for m in members), np.uint64)
    for number, rows in enumerate(members):
        label[list(rows)] = number
    return group(np.stack([label, np.zeros_like(label)]), largest)


def members(grouping: Grouping) -> list[list[int]]:
    """A grouping as lists of row positions, in its order."""
    out: list[list[int]] = []
    offset = 0
    for size, count in enumerate(grouping.sizes.tolist(), start=1):
        block = grouping.order[offset : offset + size * count].reshape(count, size)
        out += block.tolist()
        offset += size * count
    return out
