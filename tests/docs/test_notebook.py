"""The notebook runs in a fresh kernel, and what stands in it is what it shows."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from tests.docs.notebook import FOLDER, load, run

NOTEBOOK = FOLDER / "first-query.ipynb"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return run(NOTEBOOK, tmp_path_factory.mktemp("notebook"))


def outputs(notebook: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """Source and what each output holds, by media type, of every code cell."""
    return [
        (
            cell.source,
            [dict(output.get("data", {"text/plain": output.get("text")})) for output in cell.outputs],
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def plain(text: str) -> str:
    """Noise changes numbers and with them widths and which cells are shown."""
    words = r"<NA>|NaN|None|False|True|given-shown|below-threshold|noise"
    text = re.sub(words, "N", re.sub(r"\d[\d,.]*", "N", text))
    return re.sub(r"\s+", " ", text)


@pytest.mark.processes
def test_it_shows_what_stands_in_it(fresh: Any) -> None:
    committed = outputs(load(NOTEBOOK))
    for (source, old), (_, new) in zip(committed, outputs(fresh), strict=True):
        assert [{*data} for data in new] == [{*data} for data in old], source
        assert [plain(d["text/plain"]) for d in new] == [plain(d["text/plain"]) for d in old], source


@pytest.mark.processes
def test_plan_answer_pictures_and_end(fresh: Any) -> None:
    shown = dict(outputs(fresh))
    assert "all 3 nodes would take part" in shown["plan = client.plan(question)\nplan"][0]["text/html"]
    bar, table = shown["release = client.ask(question)\nrelease"]
    assert "100% done" in bar["text/html"]
    assert table["text/html"].count("<tr>") > 10
    for source, data in shown.items():
        if source.endswith(".plot()"):
            assert len(base64.b64decode(data[0]["image/png"])) > 10_000
    assert shown["client.close()\nrunning.close()\nscratch.exists()"][0]["text/plain"] == "False"


def test_nothing_of_the_machine_stands_in_it() -> None:
    for _, shown in outputs(load(NOTEBOOK)):
        for data in shown:
            for kind, text in data.items():
                assert kind.startswith("image/") or not re.search(r"/(tmp|home|root|work)/", text)
    assert NOTEBOOK.stat().st_size < 400_000
