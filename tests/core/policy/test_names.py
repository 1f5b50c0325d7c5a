"""What a policy uses is told by the codebook's labels, and codes of documents in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from samklang.cli.main import main
from samklang.errors import Language, SamklangError
from samklang.errors.phrases import CODES
from samklang.model.articles import article, articles_in, basis
from samklang.model.codebook import Codebook
from samklang.model.loading import load
from samklang.policy.names import group_label, named, use_label
from samklang.policy.phrases import CONDITIONS, OPERATIONS
from samklang.policy.words import DANISH

POLICIES = Path(__file__).resolve().parents[3] / "policies"
CODEBOOK = load(POLICIES / "integrated-care" / "codebook.yaml", Codebook).document
FILES = sorted(p for p in POLICIES.glob("*/policies/*.yaml") if not p.name.endswith(".cases.yaml"))
CODE = re.compile(
    r"\bP(?:\d+[YMD]|T\d+H)\b|\bart\d+-\d|as measure|presence of|\b(?:ABSENT|START-ONLY|END-ONLY)\b"
    r"|many-cells|large-budget|new-template|two-person|opt-(?:in|out)"
)
"""What is for files and machines: durations, articles, uses, levels, conditions and modes."""


@pytest.mark.parametrize(
    ("name", "english", "danish"),
    [
        ("age/five", "Age (`age/five`)", "Alder (`age/five`)"),
        ("cpr", "cpr", "cpr"),
        ("home_care_minutes as measure", "Home care, minutes a week (`home_care_minutes`)",
         "Hjemmepleje, minutter om ugen (`home_care_minutes`)"),
        ("presence of kommune", "known in the sector Municipality or not (`kommune`)",
         "kendt i sektoren Kommune eller ej (`kommune`)"),
    ],
)  # fmt: skip
def test_a_use_has_its_label_and_its_name(name: str, english: str, danish: str) -> None:
    assert use_label(name, CODEBOOK, "en") == english
    assert use_label(name, CODEBOOK, "da") == danish


def test_what_has_no_label_keeps_its_name() -> None:
    assert use_label("no_such/thing", CODEBOOK, "da") == "no_such/thing"
    assert (
        use_label("presence of nowhere", CODEBOOK, "en") == "known in the sector nowhere or not (`nowhere`)"
    )
    assert group_label("no-such-group", CODEBOOK, "da") == "no-such-group"
    assert group_label("whole-population", CODEBOOK, "da") == "alle i data"


def test_a_text_s_quoted_names_get_labels_and_other_quotes_stay() -> None:
    error = SamklangError("policy-variable-not-granted", name="home_care_minutes as measure")
    told = named(error.text("da")[0], CODEBOOK, "da")
    assert told == "Hjemmepleje, minutter om ugen (`home_care_minutes`) er ikke tilladt."
    assert named("'kommune' and 'plan-care'", CODEBOOK, "da") == "'kommune' and 'plan-care'"
    assert named("The target group 'elderly-medical'", CODEBOOK, "en").endswith("(`elderly-medical`)")


@pytest.mark.parametrize(
    ("text", "english", "danish"),
    [
        ("art6-1-e", "Article 6(1)(e)", "artikel 6, stk. 1, litra e"),
        ("art9-2-j", "Article 9(2)(j)", "artikel 9, stk. 2, litra j"),
        ("DBL § 10", "DBL § 10", "DBL § 10"),
        ("art6", "art6", "art6"),
    ],
)
def test_an_article(text: str, english: str, danish: str) -> None:
    assert (article(text, "en"), article(text, "da")) == (english, danish)


def test_a_basis_names_the_regulation_once() -> None:
    said = basis(("art6-1-e", "art9-2-j"), ("DBL § 10",), "da")
    assert said == (
        "databeskyttelsesforordningens artikel 6, stk. 1, litra e; artikel 9, stk. 2, litra j; DBL § 10"
    )
    assert basis(("art6-1-e",), (), "en") == "GDPR Article 6(1)(e)"
    assert articles_in("art6-1-e, DBL § 10, 26/1", "da") == "artikel 6, stk. 1, litra e, DBL § 10, 26/1"


def test_a_code_is_said_alike_wherever_it_is_said() -> None:
    for code, english in CONDITIONS.items():
        assert CODES["conditions"][code] == (english, DANISH[english])
    assert CODES["operation"].keys() == {*OPERATIONS, "care", "quality"}, "what one-way purposes lead to"
    error = SamklangError("policy-approval-needed", mode="manual", conditions="many-cells, large-budget")
    assert error.text("da")[0] == (
        "Hos partneren skal én person godkende først: tabellen har mere end 200 celler; "
        "det koster mere end epsilon 1 ved delta 1e-8."
    )
    assert error.text("en")[0].startswith(
        "At the partner one person has to approve first: the table has more"
    )


@pytest.mark.parametrize(
    ("axes", "english", "danish"), [(1, "1 axis;", "1 akse;"), (2, "2 axes;", "2 akser;")]
)
def test_an_error_s_number_and_noun_agree(axes: int, english: str, danish: str) -> None:
    error = SamklangError("policy-axes", axes=axes, allowed=0)
    assert english in error.text("en")[0]
    assert danish in error.text("da")[0]


@pytest.mark.parametrize("lang", ["en", "da"])
@pytest.mark.parametrize("command", ["explain", "lint"])
def test_no_code_is_left_in_what_is_told_of_the_sample_policies(
    command: str, lang: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    for group in ([file] for file in FILES) if command == "explain" else [FILES]:
        assert main(["policy", command, *map(str, group), "--language", lang]) == 0
        said = capsys.readouterr().out
        assert len(said) > 50
        left = CODE.search(re.sub(r"sha256:\w+|\S+\.ya?ml\S*", "", said))
        assert not left, f"{group[0].name}: {left}"
