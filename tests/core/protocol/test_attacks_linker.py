"""A linker that returns another grouping than the tags say: what the holders refuse, and what stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations, product

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.adversary import (
    CITIZENS,
    THREE,
    canonical_grouping,
    content,
    deviating,
    install,
    members,
    overlapping,
    refused,
    resend,
    small,
    values,
)
from tests.support.federation import COORDINATOR, Federation
from tests.support.quiet import NoNoise

from samklang.errors import SamklangError
from samklang.protocol.actions import Action, Send
from samklang.protocol.linking import Grouping, check
from samklang.protocol.opening import Outcome
from samklang.protocol.roles.linker import Linker
from samklang.protocol.roles.party_a import PartyA
from samklang.protocol.tags import tags

Tags = NDArray[np.uint64]
Mutation = Callable[[Grouping], Grouping]


def lying(mutate: Callable[[Grouping, Tags], Grouping]) -> type[Linker]:
    """A linker that sends ``mutate(the true grouping, the tags)``."""

    class Lying(Linker):
        def _group(self, tag: Tags, other: Tags) -> Grouping:
            return mutate(super()._group(tag, other), tag)

    return Lying


def start_of(sizes: NDArray[np.int64], size: int) -> int:
    """Where the groups of ``size`` rows begin in the order."""
    return int((sizes[: size - 1] * np.arange(1, size)).sum())


def repeat_group(g: Grouping) -> Grouping:
    """One pair of rows listed as often as there are pairs: reads that citizen off the counts."""
    order, at, pairs = g.order.copy(), start_of(g.sizes, 2), int(g.sizes[1])
    order[at : at + 2 * pairs] = np.tile(order[at : at + 2], pairs)
    return Grouping(g.sizes, order)


def omit_row(g: Grouping) -> Grouping:
    """One single row left out, with the sizes made to fit."""
    sizes = g.sizes.copy()
    sizes[0] -= 1
    return Grouping(sizes, g.order[1:].copy())


def row_twice(g: Grouping) -> Grouping:
    order = g.order.copy()
    order[0] = order[1]
    return Grouping(g.sizes, order)


def no_such_row(g: Grouping) -> Grouping:
    order = g.order.copy()
    order[-1] = len(order)
    return Grouping(g.sizes, order)


def negative_size(g: Grouping) -> Grouping:
    """Three groups of one too few, a group of two and one of one too many: the rows still add up."""
    sizes = np.array([-1, *g.sizes[1:]], np.int64)
    return Grouping(sizes, g.order)


def overflowing_size(g: Grouping) -> Grouping:
    """Sizes whose weighted sum is right modulo 2^64."""
    sizes = g.sizes.copy()
    sizes[1] += 1 << 63 - 1
    return Grouping(sizes, g.order)


def rows_missing_in_sizes(g: Grouping) -> Grouping:
    sizes = g.sizes.copy()
    sizes[0] += 1
    return Grouping(sizes, g.order)


def swapped_in_group(g: Grouping) -> Grouping:
    order, at = g.order.copy(), start_of(g.sizes, 2)
    order[[at, at + 1]] = order[[at + 1, at]]
    return Grouping(g.sizes, order)


def swapped_groups(g: Grouping) -> Grouping:
    order = g.order.copy()
    order[[0, 1]] = order[[1, 0]]
    return Grouping(g.sizes, order)


REFUSED: dict[Mutation, tuple[str, str]] = {
    repeat_group: ("protocol-grouping", "two groups or in none"),
    row_twice: ("protocol-grouping", "two groups or in none"),
    no_such_row: ("protocol-grouping", "doesn't exist"),
    negative_size: ("protocol-grouping", "out of range"),
    overflowing_size: ("protocol-grouping", "out of range"),
    rows_missing_in_sizes: ("protocol-grouping", "don't add up"),
    swapped_in_group: ("protocol-grouping", "canonical order"),
    swapped_groups: ("protocol-grouping", "canonical order"),
    omit_row: ("protocol-length", ""),
}


@pytest.fixture(scope="module")
def federation() -> Federation:
    return small()


@pytest.mark.parametrize("mutation", REFUSED, ids=lambda m: m.__name__)
def test_both_holders_refuse_a_wrong_grouping(
    mutation: Mutation, federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, Linker=lying(lambda g, _: mutation(g)))
    code, reason = REFUSED[mutation]
    run = refused(federation, overlapping(federation.program), code, "home", "practice", reason=reason)
    opened = {stage for stage, _, _ in run.relayed} & {"grouping/digest", "tables/open", "open/cells"}
    assert not opened, "the holders went on"


def test_a_grouping_in_the_order_of_the_tags_is_refused(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A holder that is an input party could tell from it roughly where its own citizens stand."""

    def by_tag(g: Grouping, tag: Tags) -> Grouping:
        singles = int(g.sizes[0])
        order = g.order.copy()
        order[:singles] = order[:singles][np.argsort(tag[0][order[:singles]])]
        return Grouping(g.sizes, order)

    install(monkeypatch, Linker=lying(by_tag))
    known = overlapping(federation.program)
    refused(federation, known, "protocol-grouping", "home", "practice", reason="canonical order")


def partitions(rows: int, largest: int) -> list[list[list[int]]]:
    if rows == 0:
        return [[]]
    found = []
    for smaller in partitions(rows - 1, largest):
        found.append([*smaller, [rows - 1]])
        for index, members_ in enumerate(smaller):
            if len(members_) < largest:
                found.append([*smaller[:index], [*members_, rows - 1], *smaller[index + 1 :]])
    return found


def passes(sizes: Sequence[int], order: Sequence[int], largest: int) -> bool:
    try:
        check(Grouping(np.array(sizes, np.int64), np.array(order, np.uint32)), len(order), largest)
    except SamklangError as error:
        if error.code != "protocol-grouping":
            raise
        return False
    return True


@pytest.mark.parametrize(("rows", "largest"), [(1, 2), (2, 2), (3, 2), (3, 3)])
def test_exactly_one_form_of_every_partition_is_accepted(rows: int, largest: int) -> None:
    """Every message of these lengths is tried, so no wrong one passes."""
    accepted = set()
    for sizes in product(range(-1, rows + 2), repeat=largest):
        for order in product(range(rows + 1), repeat=rows):
            if passes(sizes, order, largest):
                accepted.add((sizes, order))
    forms = {
        (tuple(g.sizes.tolist()), tuple(g.order.tolist()))
        for p in partitions(rows, largest)
        for g in [canonical_grouping(p, largest)]
    }
    assert accepted == forms


@pytest.mark.parametrize(("rows", "largest"), [(4, 3), (5, 4)])
def test_of_all_orders_of_the_rows_one_per_partition_is_accepted(rows: int, largest: int) -> None:
    accepted = 0
    for sizes in product(range(rows + 1), repeat=largest):
        if sum(j * s for j, s in enumerate(sizes, start=1)) != rows:
            continue
        for order in permutations(range(rows)):
            accepted += passes(sizes, order, largest)
    assert accepted == len(partitions(rows, largest))


def split_everything(g: Grouping) -> Grouping:
    return canonical_grouping([[row] for group_ in members(g) for row in group_], len(g.sizes))


def test_two_groupings_are_noticed_before_anything_is_opened(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is valid by itself; only comparing them shows it."""
    sent: dict[str, Grouping] = {}

    def change(role: Linker, action: Action) -> Action:
        if isinstance(action, Send) and action.stage.startswith("grouping/") and action.to == "home":
            if action.stage == "grouping/sizes":
                return resend(action, sent["other"].sizes.tobytes())
            return resend(action, sent["other"].order.tobytes())
        return action

    def remember(g: Grouping, _: Tags) -> Grouping:
        sent["other"] = split_everything(g)
        return g

    install(monkeypatch, Linker=deviating(lying(remember), change))
    known = overlapping(federation.program)
    run = refused(federation, known, "protocol-groupings-differ", "home", "practice", "clinic")
    assert not {"tables/open", "tables/share", "open/cells"} & {stage for stage, _, _ in run.relayed}


def test_the_dealer_compares_what_the_holders_say(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A holder that tells the dealer other sizes than it told the other holder."""

    def change(role: PartyA, action: Action) -> Action:
        if isinstance(action, Send) and action.stage == "grouping/digest" and action.to == "clinic":
            data = bytearray(content(action.source))
            data[32] ^= 1
            return resend(action, bytes(data))
        return action

    install(monkeypatch, PartyA=deviating(PartyA, change))
    refused(federation, overlapping(federation.program), "protocol-groupings-differ", "clinic")


# What stays: the linker may put rows together and apart as long as each stands in one group.


def outcome_of(federation: Federation, held: Mapping[str, Sequence[str]]) -> Outcome:
    return federation.run(values(federation.program, held, lambda *_: 1), NoNoise())


def moved(one: Outcome, other: Outcome) -> int:
    """By how many groups two tables differ."""
    return int(np.abs(one.counts - other.counts).sum()) + abs(one.conflicts - other.conflicts)


def test_limit_splitting_raises_a_citizens_influence_to_the_number_of_rows(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One citizen more changes one cell by one; under a splitting linker as many as there are rows."""
    others = CITIZENS[1:20]
    without = dict.fromkeys(THREE, others)
    with_one = dict.fromkeys(THREE, CITIZENS[:20])
    assert moved(outcome_of(federation, with_one), outcome_of(federation, without)) == 1
    install(monkeypatch, Linker=lying(lambda g, _: split_everything(g)))
    assert moved(outcome_of(federation, with_one), outcome_of(federation, without)) == 3


def test_limit_merging_distorts_but_gives_nobody_more_influence(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A linker that knows the tags of two citizens (with a node's help) makes one group of them."""
    one, two = np.array(CITIZENS[:1], "S10"), np.array(CITIZENS[1:2], "S10")
    keys: list[bytes] = []

    def merge(g: Grouping, tag: Tags) -> Grouping:
        wanted = {tuple(tags(keys[0], who)[:, 0].tolist()) for who in (one, two)}
        parts = members(g)
        chosen = [rows for rows in parts if tuple(tag[:, rows[0]].tolist()) in wanted]
        rest = [rows for rows in parts if tuple(tag[:, rows[0]].tolist()) not in wanted]
        return canonical_grouping([*rest, [row for rows in chosen for row in rows]], len(g.sizes))

    install(monkeypatch, Linker=lying(merge))

    def run(held: Mapping[str, Sequence[str]]) -> Outcome:
        known = values(federation.program, held, lambda *_: 1)
        simulation = federation.simulation(known, NoNoise())
        role = simulation.roles["home"]
        keys[:] = []

        def learn(recipient: str, sender: str, stage: str, data: bytes) -> None:
            if stage == "tags" and not keys:
                assert role.session.link_key is not None
                keys.append(role.session.link_key)

        simulation.witness = learn
        outcome = simulation.run()[COORDINATOR]
        assert isinstance(outcome, Outcome)
        return outcome

    rest = CITIZENS[2:20]
    both = run({"home": [CITIZENS[0], *rest], "clinic": [CITIZENS[1], *rest], "practice": rest})
    only = run({"home": rest, "clinic": [CITIZENS[1], *rest], "practice": rest})
    assert moved(both, only) <= 2
    assert int(both.counts.sum()) == int(only.counts.sum()), "the two are counted as one"
