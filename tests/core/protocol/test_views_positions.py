"""Where a row stands after a shuffle says nothing of where it came from, also to parties that know more.

A compute party knows two of a shuffle's three permutations; if it is an input party it also knows its own
rows, their places on arrival and their tags. What it can't undo is the permutation of the round that the
other two made, so that one must hide everything. Each comparison is at p < 1e-9, fewer than two hundred in
one test: false-alarm rate below 2e-7.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from tests.support.adversary import CITIZENS, THREE, TWO, members, overlapping, small
from tests.support.federation import COORDINATOR
from tests.support.quiet import NoNoise
from tests.support.views import ALPHA, View, independent, tenth, uniform, views

from samklang.protocol.linking import Grouping
from samklang.protocol.roles.compute import SHUFFLE1
from samklang.protocol.shuffle import round_order
from samklang.protocol.tags import tags

pytestmark = pytest.mark.statistical

ATTEMPTS = 40
FEDERATIONS = {"three": small(THREE), "two": small(TWO)}
Order = NDArray[np.intp]

SHUFFLE2, MARGIN = "shuffle2", "margin/shuffle2"
SECOND = ((2, 0), (0, 1), (1, 2))
PAIRS = {SHUFFLE1: ((0, 1), (1, 2), (2, 0)), SHUFFLE2: SECOND, MARGIN: SECOND}
"""Shuffle → which compute parties (A 0, B 1, C 2) make each round."""


@cache
def seen(name: str) -> list[View]:
    federation = FEDERATIONS[name]
    return list(views(federation, overlapping(federation.program), NoNoise(), ATTEMPTS))


def rounds(view: View, stage: str, rows: int) -> list[Order]:
    """The three permutations, from the keys of one of each pair."""
    compute = view.federation.program.compute
    made = []
    for number, (one, other) in enumerate(PAIRS[stage], start=1):
        session = view.roles[compute[one]].session
        key = session.sealing_key(compute[other])
        made.append(round_order(key, session.attempt, stage, number, rows))
    return made


def incoming(view: View) -> NDArray[np.uint64]:
    """The tags in the order in which rows came in; nobody sees this."""
    a, b = view.shared_rows()
    return np.stack([x + y for x, y in zip(a.wide[:2], b.wide[:2], strict=True)])


def inverse(order: Order) -> Order:
    out = np.empty_like(order)
    out[order] = np.arange(len(order))
    return out


@pytest.mark.parametrize("name", FEDERATIONS)
def test_all_three_permutations_together_are_the_shuffle(name: str) -> None:
    """So what is tested below is what happens; any two of them leave nothing in its place."""
    for view in seen(name)[:3]:
        before, after = incoming(view), view.linked_tags()
        one, two, three = rounds(view, SHUFFLE1, before.shape[1])
        assert (before[:, one][:, two][:, three] == after).all()
        for kept in ((one, two), (two, three), (one, three)):
            moved = before[:, kept[0]][:, kept[1]]
            assert (moved == after).all(axis=0).mean() < 0.02, "one or two of a thousand rows, by chance"


@pytest.mark.parametrize("name", FEDERATIONS)
@pytest.mark.parametrize("stage", PAIRS)
def test_what_a_party_can_not_undo_hides_every_position(stage: str, name: str) -> None:
    """For each compute party: before and after the round that it has no part in, in eighths; the same for
    somebody who knows none of the three. Also no rank correlation."""
    for missing in range(4):
        before, after = [], []
        for view in seen(name):
            program = view.federation.program
            noise = program.noise.margin if stage == MARGIN else program.noise
            assert noise is not None
            groups = int(view.sizes.sum()) + 3 * noise.dummy_total
            rows = view.linked_tags().shape[1] if stage == SHUFFLE1 else groups
            orders = rounds(view, stage, rows)
            if missing < 3:
                # the round in which neither of the pair is this party
                number = next(i for i, pair in enumerate(PAIRS[stage]) if missing not in pair)
                hidden = orders[number]
            else:
                hidden = orders[0][orders[1]][orders[2]]
            before.append(tenth(hidden, rows))
            after.append(tenth(np.arange(rows), rows))
            assert abs(stats.spearmanr(hidden, np.arange(rows)).statistic) < 6.5 / np.sqrt(rows)
        assert independent(np.concatenate(before), np.concatenate(after)) > ALPHA


@pytest.mark.parametrize("name", FEDERATIONS)
def test_an_input_party_that_computes_can_not_place_its_own_rows(name: str) -> None:
    """Its rows in tag-free terms: from the places on arrival, through the permutations that it knows, it
    arrives at an even distribution over the shuffled rows."""
    for party, me in enumerate(FEDERATIONS[name].program.compute):
        if me == COORDINATOR:
            continue
        guessed, true = [], []
        for view in seen(name):
            program = view.federation.program
            before, after = incoming(view), view.linked_tags()
            rows = before.shape[1]
            orders = rounds(view, SHUFFLE1, rows)
            start = 0
            for contributor in program.contributors:
                count = int.from_bytes(
                    view.bytes_of("rows/seed", contributor, program.compute[0])[:8], "little"
                )
                if contributor == me:
                    break
                start += count
            own = np.arange(start, start + count)
            # Best guess of one who knows two permutations and takes the third to be the identity.
            place = own
            for number, pair in enumerate(PAIRS[SHUFFLE1]):
                if party in pair:
                    place = inverse(orders[number])[place]
            whole = inverse(orders[0][orders[1]][orders[2]])[own]
            assert (after[:, whole] == before[:, own]).all()
            guessed.append(tenth(place, rows))
            true.append(tenth(whole, rows))
        assert independent(np.concatenate(guessed), np.concatenate(true)) > ALPHA
        assert uniform(np.concatenate(true), 8) > ALPHA


def grouping_of(view: View) -> Grouping:
    a = view.federation.program.compute[0]
    return Grouping(view.sizes, view.array("<u4", "grouping/order", COORDINATOR, a))


def by_tag(grouping: Grouping, tag: NDArray[np.uint64]) -> Grouping:
    """The order that a sorting linker would send, had nobody forbidden it."""
    parts = members(grouping)
    parts.sort(key=lambda rows: (len(rows), int(tag[0, rows[0]])))
    return Grouping(grouping.sizes, np.array([r for rows in parts for r in rows], np.uint32))


def tag_against_place(name: str, sort: bool) -> float:
    """p of the independence of a single citizen's tag (in eighths) and the place of its group."""
    places, classes = [], []
    for view in seen(name):
        tag = view.linked_tags()
        grouping = grouping_of(view)
        if sort:
            grouping = by_tag(grouping, tag)
        singles = int(grouping.sizes[0])
        rows = grouping.order[:singles]
        places.append(tenth(np.arange(singles), singles))
        classes.append((tag[0, rows] >> np.uint64(61)).astype(np.int64))
    return independent(np.concatenate(places), np.concatenate(classes))


@pytest.mark.parametrize("name", FEDERATIONS)
def test_the_order_of_groups_does_not_depend_on_tags(name: str) -> None:
    """A holder that knows its citizens' tags can't tell which group is whose."""
    assert tag_against_place(name, sort=False) > ALPHA
    assert tag_against_place(name, sort=True) < ALPHA, "the test sees an order by tag"


@pytest.mark.parametrize("name", FEDERATIONS)
def test_an_input_partys_own_citizens_stand_anywhere_among_the_groups_of_their_size(name: str) -> None:
    """Those with tags that ``home`` can compute, in the order of its own list."""
    listed, placed = [], []
    for view in seen(name):
        key = view.roles["home"].session.link_key
        assert key is not None
        own = np.array(CITIZENS[:40], "S10")
        own.sort()
        known = {int(t): i for i, t in enumerate(tags(key, own)[0])}
        offset = 0
        grouping, tag = grouping_of(view), view.linked_tags()
        for size, count in enumerate(grouping.sizes.tolist(), start=1):
            first = grouping.order[offset : offset + size * count].reshape(count, size)[:, 0]
            for place, row in enumerate(first.tolist()):
                if (index := known.get(int(tag[0, row]))) is not None:
                    listed.append(index * 4 // 40)
                    placed.append(place * 4 // count)
            offset += size * count
    assert len(listed) == 40 * ATTEMPTS
    assert independent(np.array(listed), np.array(placed)) > ALPHA


@pytest.mark.parametrize("name", FEDERATIONS)
def test_no_party_can_match_groups_of_the_two_openings(name: str) -> None:
    """Where each real group stands in the table's opening and in the margin's: to a party that undoes the two
    permutations it knows of either shuffle, what is left of one says nothing of what is left of the other;
    nor do the places themselves to somebody who knows none. A shuffle with the same keys would be seen."""
    for party in range(4):
        placed: tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]] = ([], [])
        for view in seen(name):
            program = view.federation.program
            groups = int(view.sizes.sum())
            for stage, table, out in zip((SHUFFLE2, MARGIN), program.openings, placed, strict=True):
                rows = groups + 3 * table.noise.dummy_total
                orders = rounds(view, stage, rows)
                if party < 3:
                    number = next(i for i, pair in enumerate(PAIRS[stage]) if party not in pair)
                    whole = orders[number]
                else:
                    whole = orders[0][orders[1]][orders[2]]
                out.append(tenth(inverse(whole)[:groups], rows))
        table_places, margin_places = (np.concatenate(p) for p in placed)
        assert independent(table_places, margin_places) > ALPHA
        assert independent(table_places, table_places) < ALPHA, "the same places would be noticed"


@pytest.mark.parametrize("name", FEDERATIONS)
def test_shares_of_the_two_openings_have_nothing_in_common(name: str) -> None:
    """The measure's shares are of the same numbers in both: what a party receives of one repeats no word of
    the other (64 bits each; by chance about 1e-11 a run)."""
    for view in seen(name)[:5]:
        a, b, c = view.federation.program.compute
        for stage, sender, recipient in (("shuffle2/1", c, b), ("shuffle2/2", a, c)):
            words = []
            for table in view.federation.program.openings:
                rows = int(view.sizes.sum()) + 3 * table.noise.dummy_total
                data = view.bytes_of(f"{table.prefix}{stage}", sender, recipient)
                words.append(set(np.frombuffer(data[: 8 * rows * len(table.measures)], "<u8").tolist()))
            assert len(words[0]) > 100
            assert not words[0] & words[1]
