"""Known answers: the project and a second implementation written from the specification give the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.core.protocol.second import adapter as second
from tests.core.protocol.second import keys
from tests.core.protocol.second.keys import Refused
from tests.core.protocol.vectors import first, make

from samklang.errors import SamklangError

HERE = Path(__file__).parent / "vectors"
CASES = [
    pytest.param(case, id=f"{name}: {case['function']}, {case['name']}")
    for name in make.FILES
    for case in json.loads((HERE / f"{name}.json").read_text())
]


@pytest.mark.parametrize("case", CASES)
def test_project_gives_the_known_answer(case: dict[str, Any]) -> None:
    function = first.function(case["function"])
    if "error" in case:
        with pytest.raises(SamklangError) as caught:
            function(case["input"])
        assert caught.value.code == case["error"]
    else:
        assert function(case["input"]) == case["output"]


@pytest.mark.parametrize("case", CASES)
def test_second_implementation_gives_the_known_answer(case: dict[str, Any]) -> None:
    function = getattr(second, case["function"])
    if "error" in case:
        with pytest.raises(Refused):
            function(case["input"])
    else:
        assert function(case["input"]) == case["output"]


def test_files_are_what_the_inputs_make() -> None:
    """Inputs and files can't drift apart: a changed format has to be written down by ``make``."""
    for name, text in make.texts().items():
        assert (HERE / f"{name}.json").read_text() == text, f"{name}.json"


def test_bad_cases_are_refused_and_good_ones_are_not() -> None:
    cases = [c.values[0] for c in CASES if isinstance(c.values[0], dict)]
    assert len(cases) == len(CASES)
    for case in cases:
        assert ("error" in case) == case["name"].startswith("bad"), case["name"]
    refused = {c["function"] for c in cases if "error" in c}
    assert refused == {"open", "check", "tally", "padding", "dummies"}


def test_digest_of_a_program_is_that_of_its_description() -> None:
    stated = json.loads((HERE / "program.json").read_text())
    digest = hashlib.sha256(rfc8785.dumps(stated["description"])).hexdigest()
    assert stated["digest"] == f"sha256:{digest}"


def test_ties_occur_where_the_cases_say_so() -> None:
    tied = [c for c in make.FILES["shuffles"]() if "blocks with ties" in c[1]]
    assert len(tied) == 4
    for ties, (_, _, given) in enumerate(tied):
        for block in range(ties + 1):
            label = keys.label(given["attempt"], "shuffle2/order", given["round"], block)
            drawn = keys.words(bytes.fromhex(given["key"]), label, given["rows"], 1)
            assert (len(set(drawn)) < given["rows"]) == (block < ties)


def test_second_implementation_shares_no_code_with_the_project() -> None:
    folder = Path(__file__).parent / "second"
    for path in folder.glob("*.py"):
        assert "samklang." not in path.read_text().replace("from tests.", ""), path.name
        assert "numpy" not in path.read_text(), path.name


def test_vectors_name_one_version() -> None:
    assert keys.VERSION == "samklang/blind-stratification/2"
    label = next(c for c in json.loads((HERE / "keys.json").read_text()) if c["function"] == "label")
    assert keys.VERSION.encode().hex() in label["output"]
