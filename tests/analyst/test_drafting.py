"""A new question's text is a question: it reads, checks and compiles, whatever was chosen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.protocol.test_planning import CODEBOOK, FOLDER, MANIFEST

from samklang.analyst.drafting import WIDTH, Wish, compose
from samklang.analyst.question import load_draft
from samklang.cli import exits
from samklang.cli.main import main
from samklang.errors import SamklangError
from samklang.model.checks import check_query
from samklang.model.codebook import Measure
from samklang.protocol.planning.changes import axis_text

TODAY = date(2026, 3, 1)
BANDINGS = [
    f"{name}/{banding}"
    for name, variable in CODEBOOK.variables.items()
    if not isinstance(variable, Measure)
    for banding in variable.bandings
]
MEASURES = [name for name, variable in CODEBOOK.variables.items() if isinstance(variable, Measure)]


@settings(max_examples=40, deadline=None)
@given(
    axes=st.lists(
        st.sampled_from([*BANDINGS, *CODEBOOK.sectors]),
        min_size=2,
        max_size=4,
        unique_by=lambda name: name.partition("/")[0],
    ),
    measures=st.lists(st.sampled_from(MEASURES), unique=True),
    group=st.sampled_from([None, *CODEBOOK.target_groups]),
    lang=st.sampled_from(["en", "da"]),
)
def test_what_is_chosen_stands_there(
    tmp_path_factory: pytest.TempPathFactory,
    axes: list[str],
    measures: list[str],
    group: str | None,
    lang: str,
) -> None:
    wish = Wish(axes=axes, measures=measures, target_group=group, purpose="plan-care", epsilon="0.5")
    path = tmp_path_factory.mktemp("draft") / "q.yaml"
    path.write_text(compose(CODEBOOK, wish, lang, TODAY), encoding="utf-8")  # type: ignore[arg-type]
    draft = load_draft(path, MANIFEST).document
    assert [axis_text(axis).removeprefix("presence of ") for axis in draft.axes] == axes
    assert [measure.variable for measure in draft.measures] == measures
    assert draft.target_group == group
    assert (str(draft.privacy.epsilon), draft.purpose.id) == ("0.5", "plan-care")
    if group:  # else all axes may be one node's, and the question no joint one
        check_query(load_draft(path, MANIFEST), MANIFEST, CODEBOOK)


def test_nothing_chosen_is_a_question_too_and_lists_the_rest(tmp_path: Path) -> None:
    text = compose(CODEBOOK, Wish(), "en", TODAY)
    path = tmp_path / "q.yaml"
    path.write_text(text, encoding="utf-8")
    draft = load_draft(path, MANIFEST).document
    assert len(draft.axes) == 2
    assert (draft.period.from_, draft.period.until, draft.period.as_of) == (
        date(2025, 1, 1),
        date(2026, 1, 1),
        date(2025, 12, 31),
    )
    assert all(len(line) <= WIDTH for line in text.splitlines() if line.lstrip().startswith("#"))
    for name in (*BANDINGS[2:], *MEASURES, *CODEBOOK.target_groups):
        assert name in text


@pytest.mark.parametrize(
    "wish", [Wish(axes=["area/distric"]), Wish(measures=["bed_day"]), Wish(target_group="elderly")]
)
def test_an_unknown_name_is_named_with_the_nearest(wish: Wish) -> None:
    with pytest.raises(SamklangError) as caught:
        compose(CODEBOOK, wish, "en", TODAY)
    assert caught.value.code == "document-unknown-name"
    assert "Did you mean" in caught.value.what


def test_a_purpose_is_the_analysts_word_the_nodes_or_said_to_be_missing() -> None:
    texts = {
        "asked": compose(CODEBOOK, Wish(purpose="plan-care"), "en", TODAY),
        "granted": compose(
            CODEBOOK, Wish(purpose="overview", granted=["overview", "plan-care"]), "en", TODAY
        ),
        "missing": compose(CODEBOOK, Wish(), "en", TODAY),
    }
    assert "purpose: {family: statistical, id: plan-care}" in texts["asked"]
    assert "The nodes say that you have: overview, plan-care." in texts["granted"]
    assert "Put the id of the grant here" in texts["missing"]
    assert "Put the id of the grant here" not in texts["asked"] + texts["granted"]
    assert "id: grant-id}" in texts["missing"]


def test_nothing_chosen_asks_partners_of_different_sectors(tmp_path: Path) -> None:
    """Else the first draft that anybody sees is one that can't be asked: no joint question."""
    path = tmp_path / "q.yaml"
    path.write_text(compose(CODEBOOK, Wish(), "en", TODAY), encoding="utf-8")
    check_query(load_draft(path, MANIFEST), MANIFEST, CODEBOOK)


def test_the_command_writes_a_file_and_never_over_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = ["--file", str(FOLDER / "codebook.yaml"), "--language", "da"]
    out = tmp_path / "q.yaml"
    words = ["query", "new", "--axes", "area/district, hospital", "--from", "2024-01-01", *book]
    assert main([*words, "--out", str(out)]) == exits.OK
    assert load_draft(out, MANIFEST).document.period.from_ == date(2024, 1, 1)
    assert "Hvem der spørges om" in out.read_text(encoding="utf-8")
    assert main([*words, "--out", str(out)]) == exits.DOCUMENT
    assert "client-file-exists" in capsys.readouterr().err
    assert main(words) == exits.OK
    shown = capsys.readouterr().out
    assert shown.startswith("# Et spørgsmål")
    assert main(["codebook", "search", "indlæggelse", *book]) == exits.OK
    assert "acute_admissions/three" in capsys.readouterr().out
    assert main(["codebook", "search", "findes-ikke", *book]) == exits.OK
    assert "Intet fundet." in capsys.readouterr().out
