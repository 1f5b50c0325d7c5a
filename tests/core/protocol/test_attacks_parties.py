"""Nodes and compute parties that send other numbers, lengths or tables than the protocol says."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.adversary import (
    THREE,
    TWO,
    content,
    deviating,
    install,
    overlapping,
    refused,
    resend,
    small,
)
from tests.support.federation import COORDINATOR, Federation, Values

from samklang.protocol.actions import Action, Send
from samklang.protocol.linking import MAX_ROWS
from samklang.protocol.messages import STAGES
from samklang.protocol.roles.contributor import Contributor
from samklang.protocol.roles.party_a import PartyA
from samklang.protocol.roles.party_b import PartyB
from samklang.protocol.roles.party_c import PartyC
from samklang.protocol.roles.script import ScriptRole

FEDERATION: Federation = small(THREE)
LIAR = "home"


def announcing(more: int, *to: str) -> type[ScriptRole]:
    """A contributor that tells ``to`` another number of rows than it sends."""

    def change(role: Contributor, action: Action) -> Action:
        if role.session.me != LIAR or not isinstance(action, Send) or action.to not in to:
            return action
        if action.stage not in ("rows/count", "rows/seed"):
            return action
        data = content(action.source)
        count = (int.from_bytes(data[:8], "little") + more) % (1 << 64)
        return resend(action, count.to_bytes(8, "little") + data[8:])

    return deviating(Contributor, change)


@pytest.mark.parametrize("more", [1, -1, 1000])
@pytest.mark.parametrize(
    ("to", "by"),
    [
        (("home",), "practice"),
        (("clinic",), "clinic"),
        (("practice",), "practice"),
        ((COORDINATOR,), COORDINATOR),
        (("home", "clinic"), "practice"),
        (("home", "clinic", "practice"), "clinic"),
        (("home", "practice", COORDINATOR), "home"),
    ],
)
def test_a_number_of_rows_that_not_everybody_was_told_ends_in_a_wrong_length(
    to: tuple[str, ...], by: str, more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, Contributor=announcing(more, *to))
    run = refused(FEDERATION, overlapping(FEDERATION.program), "protocol-length", by)
    assert not [r for r in run.relayed if r[0] in ("tables/open", "open/cells")]


@pytest.mark.parametrize("more", [MAX_ROWS, 1 << 62, -100_000])
def test_a_number_of_rows_beyond_all_measure_is_refused_by_name(
    more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, Contributor=announcing(more, *THREE, COORDINATOR))
    refused(FEDERATION, overlapping(FEDERATION.program), "protocol-too-many-rows", "clinic", COORDINATOR)


RESIZED: list[tuple[str, type[ScriptRole], str, str]] = [
    (stage, role, name, by)
    for stage, role, name, by in [
        ("rows/share", Contributor, "Contributor", "clinic"),
        ("rows/seed", Contributor, "Contributor", "home"),
        ("link/confirm", Contributor, "Contributor", ""),
        ("shuffle1/1", PartyA, "PartyA", "practice"),
        ("shuffle1/2", PartyB, "PartyB", "home"),
        ("tags", PartyA, "PartyA", COORDINATOR),
        ("tags", PartyC, "PartyC", COORDINATOR),
        ("grouping/digest", PartyA, "PartyA", ""),
        ("tables/seed", PartyB, "PartyB", ""),
        ("tables/share", PartyB, "PartyB", "home"),
        ("tables/open", PartyC, "PartyC", "home"),
        ("dummies/seed", PartyC, "PartyC", "home"),
        ("dummies/share", PartyB, "PartyB", "home"),
        ("shuffle2/1", PartyC, "PartyC", "clinic"),
        ("shuffle2/2", PartyA, "PartyA", "practice"),
        ("open/commit", PartyB, "PartyB", "practice"),
        ("open/commit", PartyC, "PartyC", "clinic"),
        ("open/cells", PartyB, "PartyB", "practice"),
        ("open/cells", PartyC, "PartyC", "clinic"),
        ("noise/seed", PartyA, "PartyA", "clinic"),
        ("noise/share", PartyA, "PartyA", "practice"),
        ("release/shares", PartyB, "PartyB", COORDINATOR),
        ("release/shares", PartyC, "PartyC", COORDINATOR),
    ]
]
RESIZED += [(f"margin/{stage}", *rest) for stage, *rest in RESIZED if f"margin/{stage}" in STAGES]  # type: ignore[misc]


def test_every_stage_between_nodes_is_sent_in_a_wrong_length_below() -> None:
    tried = {stage for stage, *_ in RESIZED}
    assert set(STAGES) - tried == {"key", "rows/count", "grouping/sizes", "grouping/order"}


@pytest.mark.parametrize("by_bytes", [-1, 1, 4096])
@pytest.mark.parametrize(("stage", "role", "name", "by"), RESIZED)
def test_a_message_of_a_wrong_length_is_refused(
    stage: str,
    role: type[ScriptRole],
    name: str,
    by: str,
    by_bytes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def change(_: ScriptRole, action: Action) -> Action:
        if isinstance(action, Send) and action.stage == stage:
            data = content(action.source)
            return resend(action, data[:by_bytes] if by_bytes < 0 else data + bytes(by_bytes))
        return action

    install(monkeypatch, **{name: deviating(role, change)})
    refused(FEDERATION, overlapping(FEDERATION.program), "protocol-length", *([by] if by else []))


@pytest.mark.parametrize("more", [1, -1])
def test_tables_dealt_for_another_number_of_groups_are_refused(
    more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dealer makes tables for a group too many or too few; the holder counts bytes."""

    class Generous(PartyB):
        def deal_tables(self, sizes):  # type: ignore[no-untyped-def]
            other = sizes.copy()
            other[0] += more
            yield from super().deal_tables(other)

    install(monkeypatch, PartyB=Generous)
    refused(FEDERATION, overlapping(FEDERATION.program), "protocol-length", "home")


@pytest.mark.parametrize("prefix", ["", "margin/"])
@pytest.mark.parametrize("cell", [0, -1])
def test_opening_parties_that_report_different_tables_are_refused(
    cell: int, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The released cells and the conflicts, which stand last."""

    class Adding(PartyC):
        def _tally(self, table, words, theirs):  # type: ignore[no-untyped-def]
            opened = super()._tally(table, words, theirs)
            if table.prefix == prefix:
                opened.counts[cell] += 1
            return opened

    install(monkeypatch, PartyC=Adding)
    refused(FEDERATION, overlapping(FEDERATION.program), "protocol-counts-differ", COORDINATOR)


@pytest.mark.parametrize("federation", [FEDERATION, small(TWO)], ids=["three", "two"])
def test_a_party_that_permutes_otherwise_is_noticed_and_learns_nothing(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One holder that leaves out its permutation in round 1: shares that don't belong together add up to
    random words, so tags meet nobody and levels are impossible."""

    class Still(PartyA):
        def round(self, words, order, peer, stage, number, *, first):  # type: ignore[no-untyped-def]
            still = np.arange(len(order)) if (stage, number) == ("shuffle1", 1) else order
            return super().round(words, still, peer, stage, number, first=first)

    install(monkeypatch, PartyA=Still)
    _, b, c = federation.program.compute
    sizes: list[int] = []

    def witness(recipient: str, sender: str, stage: str, data: bytes) -> None:
        if (recipient, stage) == (federation.program.compute[0], "grouping/sizes"):
            sizes[:] = np.frombuffer(data, "<i8").tolist()

    known = overlapping(federation.program)
    refused(federation, known, "protocol-impossible", b, c, witness=witness)
    assert sizes[0] > 0
    assert not any(sizes[1:]), "no two rows meet, not even the padding's"


@pytest.mark.parametrize("damage", ["order", "twice", "level", "measure"])
def test_a_node_refuses_own_rows_that_would_break_the_rules(damage: str) -> None:
    """At most one row per citizen, every word within what the program allows; nothing is paid or sent."""
    known = overlapping(FEDERATION.program)
    mine: Values = known["clinic"]["clinic"]
    match damage:
        case "order":
            mine.cpr = mine.cpr[::-1].copy()
        case "twice":
            mine.cpr[1] = mine.cpr[0]
        case "level":
            known["home"]["home"].values["care/b/level"][3] = 7
        case "measure":
            mine.values["days/measure"][3] = 21
    by = "home" if damage == "level" else "clinic"
    run = refused(FEDERATION, known, "protocol-own-rows", by)
    assert by not in run.charges
    assert not [r for r in run.relayed if r[0].startswith("rows/") and r[1] == by]
