"""What people are told about rules changes with every rule, in both languages, and names nothing else."""

from __future__ import annotations

import ast
import re
import string
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.core.policy.policy_documents import CODEBOOK, MANIFEST, POLICY, changed, policy, request, written

from samklang.model.loading import Loaded
from samklang.model.policy import Policy
from samklang.model.yaml_tree import Tree
from samklang.policy import decide, enforce
from samklang.policy.difference import compare
from samklang.policy.difference_text import as_json, told
from samklang.policy.explain import explain
from samklang.policy.lint import lint
from samklang.policy.mutation import mutants
from samklang.policy.suggest import suggest
from samklang.policy.vocabulary import vocabulary
from samklang.policy.words import DANISH, PLURALS

WORDS = vocabulary("odense", MANIFEST, CODEBOOK)
TELLING = ("explain.py", "explain_grant.py", "phrases.py", "difference_text.py")
FOLDER = Path(__file__).resolve().parents[3] / "core" / "samklang" / "policy"


def text(rules: Any, lang: Any = "en") -> str:
    return "\n".join(line for s in explain(rules, MANIFEST, CODEBOOK, lang) for line in (s.title, *s.lines))


def test_every_change_of_a_rule_changes_what_is_told() -> None:
    before, tried = policy(), 0
    for mutant in mutants(written(), WORDS):
        after = enforce(mutant.policy, MANIFEST)
        difference = compare(before, after, WORDS)
        one_sided = any((p.from_family is None) != (p.to_family is None) for p in mutant.policy.prohibitions)
        if not difference.changes or one_sided:  # which no node would take
            continue
        tried += 1
        assert text(after) != text(before), mutant.place
        assert text(after, "da") != text(before, "da"), mutant.place
        for direction in ("widened", "narrowed"):
            expected = any(c.direction == direction for c in difference.changes)
            assert (
                bool(told(difference, direction, "en")) == bool(told(difference, direction, "da")) == expected
            )
    assert tried > 40


def test_the_floor_s_value_is_told_and_not_the_written_one() -> None:
    said = text(policy(floor={"min_count": 50, "max_axes": 2}))
    assert "Counts below 50 are not shown." in said
    assert "At most 2 axes" in said
    assert "plan-care: most axes (the policy says 3)" in said
    assert "for every answer: smallest count shown (the policy says 5)" in said


def test_what_is_closed_is_not_told_as_open() -> None:
    said = text(policy(changed(POLICY, "variables", "age/coarse", "release", to="match")))
    assert "Listed, but closed by a rule, and so refused: x (`age/coarse`)." in said
    narrow = text(policy(changed(POLICY, "variables", "minutes as measure", "clip", to=[0, 10])))
    assert "refused: x (`minutes`)." in narrow


def test_a_return_says_that_persons_are_learned() -> None:
    grant = {**POLICY["grants"][0], "operations": ["return"], "rule": "sha256:" + "1" * 64}
    grant |= {"return_to": {"node": "odense", "max_persons": 9}, "purpose": {"family": "care", "text": "x"}}
    said = text(policy(changed(POLICY, "grants", to=[grant])))
    assert "alone; to odense, at most 9." in said
    assert "by name and without noise" in said
    assert "Only plan-care names citizens." in said
    assert "names citizens" not in text(policy())


def said_texts() -> set[str]:
    """Every constant string of the modules that tell something."""
    return {
        node.value
        for name in (*TELLING, "table.py", "words.py")
        for node in ast.walk(ast.parse((FOLDER / name).read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_danish_is_whole_and_has_the_same_fields() -> None:
    def fields(words: str) -> list[str]:
        return sorted(name for _, name, _, _ in string.Formatter().parse(words) if name)

    families = {"statistical", "care", "quality", "consent"}
    assert not {t for t in DANISH if DANISH[t] == t}
    for english, danish in DANISH.items():
        assert fields(english) == fields(danish), english
    used = {
        node.value
        for name in (*TELLING, "names.py", "table.py")
        for node in ast.walk(ast.parse((FOLDER / name).read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    rest = {" and ", " or ", "nobody", *families}
    assert DANISH.keys() - used - rest == set()
    assert PLURALS.forms.keys() <= used
    assert not re.search(r"\b(the|and|with|may|only)\b", " ".join(DANISH.values()))


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("grants", 0, "operations"), ["score"]),
        (("grants", 0, "target_groups"), ["whole-population"]),
        (("grants", 0, "variables"), ["age/coarse"]),
        (("variables", "home_care/band", "release"), "never"),
        (("variables", "minutes as measure", "clip"), [5, 10]),
        (("grants", 0, "max_axes"), 1),
        (("grants", 0, "budget", "per_query"), {"epsilon": "0.5"}),
        (("policy", "valid"), {"from": "2027-01-01", "until": "2027-01-31"}),
        (("people", "analyst", "organisations"), ["ouh-org"]),
        (("grants", 0, "joint_with"), {"any_of": ["nobody-org"]}),
    ],
)
def test_the_change_of_a_policy_that_would_permit_does(path: tuple[str | int, ...], to: Any) -> None:
    rules = policy(changed(POLICY, *path, to=to))
    assert decide(rules, request()).outcome == "deny"
    found = suggest(rules, request(), MANIFEST)
    assert found
    edits, said = found
    assert said.permitted
    assert edits


def test_no_change_of_a_policy_is_proposed_where_another_basis_is_needed() -> None:
    from dataclasses import replace

    assert suggest(policy(), replace(request(), family="care"), MANIFEST) is None
    assert suggest(policy(), replace(request(), organisation="ouh-org"), MANIFEST) is None, "prohibited"
    strict = policy(floor={"max_axes": 1})
    assert suggest(strict, request(), MANIFEST) is None, "the floor is everybody's"


def linted(document: dict[str, Any], today: date = date(2027, 3, 1), **floor: Any) -> set[tuple[str, str]]:
    made = Policy.model_validate(document)
    strict = policy(floor=floor).floor
    manifest = MANIFEST.model_copy(update={"floor": strict})
    found = lint(Loaded(made, b"", "p.yaml", Tree(None)), manifest, CODEBOOK, today, {})
    return {(w.code.removeprefix("policy-lint-"), w.clause) for w in found}


def test_what_closes_nothing_is_warned_of() -> None:
    odd = changed(
        POLICY, "prohibitions", 0, "variables", to=["minutes as measure", "minuts as measure", "age"]
    )
    odd = changed(odd, "prohibitions", 0, "organisations", to=["ouh-org", "oh-org"])
    odd = changed(odd, "prohibitions", 0, "target_groups", to=["elderly", "whole-population", "eldery"])
    inert = {name for name in linted(odd) if name[0] == "forbids-nothing"}
    assert inert == {
        ("forbids-nothing", f"prohibitions[0].{where}")
        for where in ("variables[1]", "organisations[1]", "target_groups[2]")
    }
    floor = {"id": "f", "why": "x", "variables": ["home-care/band"]}
    assert ("forbids-nothing", "floor.prohibitions[0].variables[0]") in linted(POLICY, prohibitions=[floor])
    names = {"age/coarse": {"release": "never"}, "age/corse": {"release": "never"}}
    inert = {where for code, where in linted(POLICY, variables=names) if code == "forbids-nothing"}
    assert inert == {"floor.variables.age/corse"}


def test_a_banding_that_another_one_adds_up_to_is_warned_of() -> None:
    shut = changed(POLICY, "variables", "age/coarse", to={"release": "never"})
    assert ("finer", "variables.age/coarse") in linted(shut)
    assert "finer" not in {code for code, _ in linted(POLICY)}
    both = changed(shut, "variables", "age", to={"release": "never"})
    assert "finer" not in {code for code, _ in linted(both)}


def test_what_deserves_a_second_look() -> None:
    usual = {("register", "grants[0].consent.registers[0]")}
    assert linted(POLICY) == usual
    assert ("not-valid", "policy.valid") in linted(POLICY, date(2029, 1, 1))
    assert ("ends", "policy.valid") in linted(POLICY, date(2027, 12, 1))
    extra = changed(POLICY, "people", "nurse", to={"organisations": ["ouh-org"], "role": "nurse"})
    assert ("unused", "people.nurse") in linted(extra)
    assert ("unused", "variables.contacts/band") in linted(
        changed(POLICY, "variables", "contacts/band", to={"release": "joint"})
    )
    assert ("floor", "grants[0].max_axes") in linted(POLICY, max_axes=2)
    assert ("floor", "grants[0].budget.per_query") in linted(
        POLICY, budget={"per_query": {"epsilon": Decimal(1)}, "month": {"epsilon": 2}, "year": {"epsilon": 4}}
    )
    forbidden = {"id": "x", "why": "y", "variables": ["age/fine"]}
    assert ("dead", "grants[0]") in linted(changed(POLICY, "prohibitions", 1, to=forbidden)), (
        "the target group needs what is forbidden"
    )
    assert ("never", "grants[0].variables[2]") in linted(
        changed(POLICY, "variables", "home_care/band", "release", to="never")
    )
    assert ("basis", "grants[0].basis") in linted(changed(POLICY, "grants", 0, "basis", "danish", to=[]))
    assert ("one-way", "prohibitions") in linted(changed(POLICY, "prohibitions", to=[]))


def test_a_difference_for_machines_is_in_both_languages() -> None:
    wide = policy(changed(POLICY, "grants", 0, "max_axes", to=4))
    difference = compare(policy(), wide, WORDS)
    (change,) = [as_json(c, difference) for c in difference.changes]
    assert (change["old"], change["new"], change["direction"]) == ("3", "4", "widened")
    assert change["en"] == ["most axes: 4 (before: 3)"]
    assert change["da"] == ["højeste antal akser: 4 (før: 3)"]
