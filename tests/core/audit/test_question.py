"""A signed query in words: every part of it, in both languages, with the codebook's labels if it has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.policy.logbook import Logbook

from samklang.audit.question import in_brief, in_words
from samklang.model.codebook import Codebook
from samklang.model.query import Query
from samklang.model.signing import unverified_query


@pytest.fixture
def book(tmp_path: Path) -> Logbook:
    return Logbook(tmp_path / "f")


def asked(book: Logbook, **changes: Any) -> Query:
    return unverified_query(book.bundle(**changes))[0]


def test_every_part_is_said(book: Logbook) -> None:
    query = asked(
        book,
        # A generated number, nobody's.
        title={"en": "Areas, 0101504444", "da": "Områder"},
        purpose={"family": "statistical", "id": "overview", "text": "om 010150-4444 og plan"},
        filter=[{"variable": "contacts", "banding": "contacts", "levels": ["1", "2+"]}],
        axes=[{"variable": "area", "banding": "area"}, {"presence": "region"}],
        measures=[{"variable": "days"}, {"variable": "days", "as": "count"}],
        report_by=[{"axis": "area"}],
        require={"region": ["present"]},
        privacy={"epsilon": "0.50", "delta": "1e-8"},
        nodes=["kommune", "region"],
    )
    assert in_words(query, book.codebook, "en") == [
        ("Title", "Areas, [number]"),
        ("In the analyst's words", "om [number] og plan"),
        ("About", "everybody"),
        ("By", "Area (area): North, South"),
        ("By", "known at Region or not"),
        ("Only", "Contacts is One or More"),
        ("Summed", "the sum of Days (0 to 100 days of each); how many have a value for Days"),
        ("Margin by", "Area"),
        ("Released only", "Region: present"),
        ("Period", "01.01.2020 to 31.12.2020, states as of 31.12.2020"),
        ("Price", "ε 0.5 (δ 1e-8)"),
        ("To be released to", "anna"),
        ("Nodes", "kommune, region"),
        ("At most", "3 attempts"),
    ]
    danish = dict(in_words(query, book.codebook, "da"))
    assert danish["Kun"] == "Kontakter er En eller Flere"
    assert danish["Pris"] == "ε 0,5 (δ 1e-8)"
    assert danish["Lagt sammen"].startswith("summen af Dage (0 til 100 dage for hver)")


def test_in_one_line(book: Logbook) -> None:
    assert in_brief(asked(book), book.codebook, "da") == (
        "fordelt på Område (area), Kontakter (contacts); alle; summen af Dage (0 til 100 dage for hver); ε 1"
    )


def test_what_the_codebook_doesnt_have_any_more_keeps_its_name(book: Logbook) -> None:
    query = asked(
        book,
        target_group="elders",
        axes=[{"variable": "gone", "banding": "fine"}],
        measures=[{"variable": "lost"}],
        filter=[{"variable": "past", "banding": "b", "levels": ["x"]}],
    )
    found: Codebook = book.codebook
    assert in_brief(query, found, "en") == (
        "by gone (fine); target group elders; past is x; the sum of lost; ε 1"
    )
