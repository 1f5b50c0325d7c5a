"""Every fact that ``policy explain --json`` has is in its text, in English and in Danish."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import ValidationError
from tests.core.policy.test_explained import facts_of, policies

from samklang.cli.policy.context import context_of
from samklang.errors import Language
from samklang.model.articles import article
from samklang.model.durations import in_words
from samklang.policy import Enforced
from samklang.policy.explain import tell
from samklang.policy.explained import Explained
from samklang.policy.explaining import explained
from samklang.policy.grant_checks import LARGE_DELTA, LARGE_EPSILON, MANY_CELLS
from samklang.policy.phrases import CONDITIONS, OPERATIONS, WHAT
from samklang.policy.words import number, say

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = [
    ROOT / "policies" / name
    for name in (
        "integrated-care/policies/odense-kommune.yaml",
        "integrated-care/policies/almen-praksis.yaml",
        "slip-sundheden-fri/policies/herning-kommune.yaml",
        "slip-sundheden-fri/policies/almen-praksis-vest.yaml",
        "synthea/policies/sygehus.yaml",
    )
]
LANGUAGES: tuple[Language, ...] = ("en", "da")
Path_ = tuple[str | int, ...]

INSTEAD: tuple[Any, ...] = (
    "care", "quality", "stratify", "score", "approve", "refuse", "opt-in", "opt-out", "together", "apart",
    "askers", "groups", "closed", "unknown", "use", "group", "month", "P9Y", "PT9H", "PT8H", "art6-1-f",
    "2031-01-01", "0.0625", "some-other", 7, 8, 1, 2,
)  # fmt: skip
"""Other values: of each leaf the first is taken that is one."""


def leaves(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def lists(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, list[Any]]]:
    if isinstance(value, list) and value:
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from lists(one, (*path, key))


def at(facts: Any, path: Path_) -> Any:
    for part in path:
        facts = facts[part]
    return facts


def idle(facts: dict[str, Any], path: Path_) -> bool:
    """Facts that nothing hangs on, as others stand, and those in a phrase that has its figures in it."""
    if path[0] == "near" and path[1] == "least":
        return bool(facts["near"]["overlap"] == "allow")
    if "approves" in path[:-1]:
        says, key = at(facts, path[:3]), path[3]
        waits = key in ("new_form", "cells", "epsilon", "delta", "near") and says["always"]
        return (
            waits
            or key in ("cells", "epsilon", "delta")
            or ((key == "different" and says["persons"] == 1) or (key == "persons" and not says["always"]))
        )
    return path[0] == "narrowed" and path[2] == "name" and bool(at(facts, path[:2])["grant"])


def fewer(value: Any) -> Any:
    """The same with two entries of every list at most: the third is told like the second."""
    if isinstance(value, list):
        return [fewer(one) for one in value[: 3 if all(isinstance(one, int | None) for one in value) else 2]]
    return {key: fewer(one) for key, one in value.items()} if isinstance(value, dict) else value


def said(facts: Explained, lang: Language) -> str:
    return "\n".join(line for s in tell(facts, lang) for line in (s.title, *s.lines))


def parsed(facts: dict[str, Any]) -> Explained:
    return Explained.model_validate_json(json.dumps(facts))


def otherwise(facts: dict[str, Any], path: Path_, value: Any) -> Explained | None:
    for other in (not value,) if isinstance(value, bool) else INSTEAD:
        if other == value or isinstance(value, int) != isinstance(other, int):
            continue
        changed = copy.deepcopy(facts)
        at(changed, path[:-1])[path[-1]] = other
        try:
            return parsed(changed)
        except ValidationError:
            continue
    return None


def check_every_change_is_told(facts: dict[str, Any]) -> int:
    before = {lang: said(parsed(facts), lang) for lang in LANGUAGES}
    tried = 0
    for path, value in leaves(facts):
        if value is None or idle(facts, path):
            continue
        changed = otherwise(facts, path, value)
        assert changed is not None, (path, value)
        tried += 1
        for lang in LANGUAGES:
            if path[-1] in LANGUAGES and path[-1] != lang:
                continue
            assert said(changed, lang) != before[lang], (path, value, lang)
    for path, found in lists(facts):
        if path[-1] in ("questions", "bounds"):
            continue
        changed = copy.deepcopy(facts)
        at(changed, path).pop()
        tried += 1
        for lang in LANGUAGES:
            assert said(parsed(changed), lang) != before[lang], (path, found[-1], lang)
    return tried


def shown(path: Path_, value: Any, lang: Language) -> str | None:
    """A leaf as it stands in the text; None where it stands as a sentence and not as a word."""
    key = next(part for part in reversed(path) if isinstance(part, str))
    if (
        value is None
        or isinstance(value, bool)
        or key in ("rows", "nothing", "overlap", "model", "why", "what")
    ):
        if key == "why" and "forbidden" in path:
            return str(value)
        if key == "what" and "narrowed" in path:
            return say(lang, WHAT[value])
        return None
    if key in LANGUAGES:
        return str(value) if key == lang else None
    if key in ("family", "families", "leads_from", "leads_to"):
        return say(lang, value)
    if key == "operations":
        return say(lang, OPERATIONS[value])
    if key in ("release_kept", "audit_kept", "waits"):
        return in_words(value, lang)
    if key == "gdpr":
        return article(value, lang)
    if "costs" in path and key != "questions":
        return number(lang, Decimal(value))
    if "approves" in path and key in ("persons", "cells", "epsilon", "delta"):
        return None  # a phrase; see below
    if key == "name" and value == "whole-population":
        return say(lang, "everybody in the data")
    if key == "name" and "refused" in path and value == "return":
        return say(lang, OPERATIONS["return"])
    if key == "name" and isinstance(value, str):
        return value.removesuffix(" as measure").removeprefix("presence of ")
    return str(value)


def by_section(facts: dict[str, Any], lang: Language) -> dict[str, str]:
    """The text of each section: by the grant's place, else by what it is about."""
    title, *grants, general, forbidden = tell(parsed(facts), lang)
    named = {"title": title, "general": general, "forbidden": forbidden}
    named |= {str(place): grant for place, grant in enumerate(grants)}
    return {name: "\n".join((s.title, *s.lines)) for name, s in named.items()}


def where(path: Path_) -> str:
    """The section that a leaf belongs to."""
    match path[0]:
        case "permissions":
            return str(path[1])
        case "approvers" | "near":
            return "general"
        case "forbidden" | "closed":
            return "forbidden"
        case _:
            return "title"


def check_every_fact_is_there(facts: dict[str, Any]) -> int:
    seen = 0
    for lang in LANGUAGES:
        sections = by_section(facts, lang)
        for path, value in leaves(facts):
            if idle(facts, path) or (word := shown(path, value, lang)) is None:
                continue
            seen += 1
            assert word in sections[where(path)], (path, value, lang)
    return seen


def sample(path: Path) -> dict[str, Any]:
    context = context_of(path)
    found = explained(context.rules, context.manifest, context.codebook)
    loaded: dict[str, Any] = json.loads(found.model_dump_json())
    return loaded


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_fact_of_a_sample_is_told(path: Path) -> None:
    facts = sample(path)
    assert check_every_fact_is_there(facts) > 80
    facts["permissions"] = [*map(fewer, facts["permissions"])]
    assert check_every_change_is_told(facts) > 60


@given(policies())
@settings(deadline=None, max_examples=8)
def test_every_fact_of_any_policy_is_told(rules: Enforced) -> None:
    for attributed in (None, False):
        facts = facts_of(rules, attributed)
        check_every_fact_is_there(facts)
        check_every_change_is_told(fewer(facts))


def test_the_figures_in_phrases_are_those_that_decide() -> None:
    assert f" {MANY_CELLS} " in CONDITIONS["many-cells"]
    large = f"epsilon {number('en', LARGE_EPSILON)} at delta {number('en', LARGE_DELTA)}"
    assert large in CONDITIONS["large-budget"]


def test_facts_are_the_same_in_json_and_back() -> None:
    for path in SAMPLES[:3]:
        facts = sample(path)
        assert json.loads(Explained.model_validate_json(json.dumps(facts)).model_dump_json()) == facts
