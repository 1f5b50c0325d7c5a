"""A node's rows: one per citizen over all its sectors, and nothing that the program doesn't allow."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.federation import Federation, Values
from tests.support.quiet import NoNoise

from samklang.errors import SamklangError
from samklang.model.codebook import Codebook
from samklang.model.query import Draft
from samklang.protocol.packing import pack
from samklang.protocol.program import Program
from samklang.protocol.rows import own_rows, padding

LABEL = {"en": "x", "da": "x"}
CPR = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=10, max_size=10)


@pytest.fixture(scope="module")
def program() -> Program:
    colours = [{"id": i, "label": LABEL, "values": [i]} for i in ("red", "blue")]
    book = Codebook.model_validate(
        {
            "codebook": {"id": "t", "version": 1, "label": LABEL},
            "sectors": {s: {"label": LABEL, "population": "x"} for s in ("a", "b")},
            "tables": {"t": {"sector": "a", "columns": {"cpr": "cpr"}}},
            "variables": {
                "colour": {
                    "kind": "category",
                    "label": LABEL,
                    "sector": "a",
                    "sql": "x",
                    "bandings": {"b": {"levels": colours}},
                },
                "price": {
                    "kind": "measure",
                    "label": LABEL,
                    "unit": LABEL,
                    "sql": {"a": "x", "b": "x"},
                    "clip": (-5, 10),
                },
            },
        }
    )
    body: dict[str, Any] = {
        "title": LABEL,
        "federation": "test",
        "operation": "stratify",
        "purpose": {"family": "statistical", "id": "p"},
        "period": {"from": date(2025, 1, 1), "until": date(2026, 1, 1), "as_of": date(2025, 6, 1)},
        "axes": [{"variable": "colour", "banding": "b"}, {"presence": "b"}],
        "measures": [{"variable": "price"}],
    }
    nodes = {"n0": ("a", "b"), "n1": ("b",)}
    return Federation(nodes, book, lambda d: Draft.model_validate(body | {"codebook": d})).program


def sector(cpr: list[bytes], **named: list[int]) -> Values:
    values = {k.replace("_", "/"): np.array(v) for k, v in named.items()}
    return Values(np.array(cpr, "S10"), values, {k: np.ones(len(v), bool) for k, v in values.items()})


ONE, TWO, THREE = b"0101010001", b"0202020002", b"0303A30003"


def test_sectors_of_one_node_meet_in_one_row(program: Program) -> None:
    known = {
        "a": sector([ONE, TWO], colour_b_level=[0, 1], price_measure=[10, -5]),
        "b": sector([TWO, THREE], price_measure=[1, 2]),
    }
    cpr, (price,), (colour, presence) = own_rows(program, known)
    assert cpr.tolist() == [ONE, TWO, THREE]
    assert price.view(np.int64).tolist() == [10, -4, 2]
    assert colour.tolist() == [1, 2, 0]
    assert presence.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("cpr", "price", "reason"),
    [
        ([TWO, ONE], [0, 0], "order"),
        ([ONE, ONE], [0, 0], "order"),
        ([ONE, TWO], [0, 11], "price"),
        ([ONE, TWO], [-6, 0], "price"),
    ],
)
def test_rows_outside_the_program_never_leave(
    program: Program, cpr: list[bytes], price: list[int], reason: str
) -> None:
    known = {"a": sector(cpr, colour_b_level=[0, 0], price_measure=price), "b": sector([], price_measure=[])}
    with pytest.raises(SamklangError) as caught:
        own_rows(program, known)
    assert caught.value.code == "protocol-own-rows"
    assert reason in caught.value.what
    assert not any(number.decode() in str(caught.value) for number in cpr)
    assert "answered" in caught.value.public()[1]  # others only learn the code


def test_a_number_that_is_not_normalised_is_refused(program: Program) -> None:
    known = {
        "a": sector([b"010101-001"], colour_b_level=[0], price_measure=[0]),
        "b": sector([ONE], price_measure=[0]),
    }
    with pytest.raises(SamklangError) as caught:
        own_rows(program, known)
    assert caught.value.code == "protocol-own-rows"


@given(st.lists(CPR, unique=True, max_size=20))
def test_packing_keeps_order_and_difference(numbers: list[str]) -> None:
    cpr = np.array(sorted(n.encode() for n in numbers), "S10")
    packed = pack(cpr)
    assert (packed[1:] > packed[:-1]).all()
    assert packed.tolist() == [int(c.decode(), 36) for c in cpr]


def test_padding_has_public_totals_and_fresh_tags(program: Program) -> None:
    plan, shape = program.noise, program.row_shape
    fillers = padding(shape, plan, NoNoise(), fillers=True, groups=False)
    groups = padding(shape, plan, NoNoise(), fillers=False, groups=True)
    assert fillers.rows == plan.shift_pad
    assert groups.rows == plan.pad_total
    tag = np.stack(groups.wide[:2])
    _, repeats = np.unique(tag, axis=1, return_counts=True)
    assert np.bincount(repeats)[2:].tolist() == [plan.shift_pad] * (plan.k_max - 1)
    assert not any(c.any() for c in (*groups.wide[2:], *groups.narrow))
    again = padding(shape, plan, NoNoise(), fillers=False, groups=True)
    assert not np.isin(again.wide[0], groups.wide[0]).any()
