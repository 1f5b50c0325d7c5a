"""A policy with one clause changed: what test cases should notice.

Every clause that a decision or an obligation depends on is changed in each way that a slip could: another
value, one entry less, one entry more. Numbers move by one, budgets to the double and half, dates by a day.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from samklang.model.checks import check_policy
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.policy import RELEASE_ORDER, Policy
from samklang.model.problems import DocumentErrors
from samklang.policy.cases import Trial, failing
from samklang.policy.difference import compare
from samklang.policy.enforce import enforce
from samklang.policy.request import Place
from samklang.policy.vocabulary import Vocabulary, vocabulary

__all__ = ["Coverage", "Mutant", "coverage", "mutants", "sound"]

DESCRIPTIVE: Final = frozenset(
    {
        "basis",
        "text",
        "why",
        "decision",
        "version",
        "differencing",
    }
)
"""Keys that say something to people and decide nothing, and what depends on earlier answers, which cases have
none of."""

_OF_A_CONTROLLER: Final = frozenset({"name", "dataansvarlig", "dpia", "record_of_processing"})
"""As descriptive, below ``controllers``; who takes part when is not."""

STRANGER: Final = f"ed25519:{'A' * 43}="
"""The key of nobody."""

_WORDS: Final[dict[str, tuple[Any, ...]]] = {
    "release": RELEASE_ORDER,
    "family": ("statistical", "care", "quality"),
    "from_family": ("statistical", "care", "quality", None),
    "to_family": ("statistical", "care", "quality", None),
    "model": ("opt-out", "opt-in", "none"),
    "mode": ("auto", "manual", "two-person"),
    "treatment_relation": ("required", "not-required"),
    "expires": ("PT1H", "PT999H"),
    "audit": ("P1D", "P99Y"),
}
_SETS: Final = {
    "operations": ("stratify", "score", "pathway", "evaluate", "return"),
    "manual_if": ("new-template", "many-cells", "large-budget"),
    "families": ("statistical", "care", "quality"),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """``place``: the clause that was changed; ``was``, ``now``: its value, None where it isn't there."""

    place: Place
    was: Any
    now: Any
    policy: Policy


@dataclass(frozen=True, slots=True)
class Coverage:
    """``tried``: how many mutants are other rules than the policy; ``missed``: those no case notices."""

    tried: int
    missed: tuple[Mutant, ...]


def coverage(policy: Policy, manifest: Manifest, codebook: Codebook, trials: Sequence[Trial]) -> Coverage:
    """Try every mutant on ``trials``, which the policy itself passes."""
    words = vocabulary(policy.policy.node, manifest, codebook)
    rules, noticed, missed = enforce(policy, manifest), 0, []
    for mutant in mutants(policy, words):
        changed = enforce(mutant.policy, manifest)
        if next(failing(changed, trials), None):
            noticed += 1
        elif sound(mutant.policy, manifest, codebook) and compare(rules, changed, words).changes:
            missed.append(mutant)
    return Coverage(noticed + len(missed), tuple(missed))


def sound(policy: Policy, manifest: Manifest, codebook: Codebook) -> bool:
    """Whether a node would take the policy."""
    try:
        check_policy(policy, manifest, codebook)
    except DocumentErrors:
        return False
    return True


def mutants(policy: Policy, words: Vocabulary) -> Iterator[Mutant]:
    """Every mutant that is a valid document."""
    document = policy.model_dump(mode="json", by_alias=True)
    for place, was, now in _changes(document, (), words, document):
        changed = copy.deepcopy(document)
        here: Any = changed
        for part in place[:-1]:
            here = here[part]
        last: Any = place[-1]
        if now is _GONE:
            del here[last]
        elif was is _NEW:
            here.append(now)
        else:
            here[last] = now
        try:
            valid = Policy.model_validate(changed)
        except ValidationError:
            continue
        yield Mutant(place, None if was is _NEW else was, None if now is _GONE else now, valid)


class _Mark:
    pass


_GONE, _NEW = _Mark(), _Mark()
_Found = Iterator[tuple[Place, Any, Any]]


def _changes(value: Any, place: Place, words: Vocabulary, document: dict[str, Any]) -> _Found:
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    if key in DESCRIPTIVE or (place[:1] == ("controllers",) and key in _OF_A_CONTROLLER):
        return
    if place == ("approvers",):
        yield from _approvers(value, document)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if place == ("variables",):
                yield (*place, name), inner, _GONE
            yield from _changes(inner, (*place, name), words, document)
    elif isinstance(value, list):
        yield from _list(value, place, key, words, document)
    elif key in _WORDS:
        yield from ((place, value, other) for other in _WORDS[key] if other != value)
        if place[-2:-1] == ("retention",):
            yield place, value, "P1D"
    else:
        yield from ((place, value, other) for other in _scalar(value, key, place))


def _approvers(value: dict[str, Any], document: dict[str, Any]) -> _Found:
    """A person less, in another role, with another key, and one more in each role that counts anywhere."""
    roles = sorted({role for grant in document["grants"] for role in grant["approval"]["roles"]})
    for name, one in value.items():
        yield ("approvers", name), one, _GONE
        yield ("approvers", name, "key"), one["key"], STRANGER
        for role in (*roles, "elsewhere"):
            if role != one["role"]:
                yield ("approvers", name, "role"), one["role"], role
    for role in roles:
        yield ("approvers", "somebody-else"), None, {"role": role, "key": STRANGER}


def _list(value: list[Any], place: Place, key: str, words: Vocabulary, document: dict[str, Any]) -> _Found:
    if key == "clip":
        yield from ((place, value, [low, high]) for low, high in _moved(value))
        return
    for index, inner in enumerate(value):
        yield (*place, index), inner, _GONE
        if isinstance(inner, dict):
            yield from _changes(inner, (*place, index), words, document)
    universe: dict[str, Callable[[], Any]] = {
        "organisations": lambda: sorted(words.organisations),
        "target_groups": lambda: sorted(words.groups),
        "variables": lambda: sorted(document["variables"]),
        "all_of": lambda: sorted(words.partners),
        "who": lambda: sorted(document["people"]),
        "roles": lambda: ["elsewhere"],
        "registers": lambda: ["elsewhere"],
        **{name: (lambda found=found: found) for name, found in _SETS.items()},  # type: ignore[misc]
    }
    if key in universe and (value or key not in ("all_of", "any_of", "families") or place[0] == "grants"):
        yield from (((*place, len(value)), _NEW, one) for one in universe[key]() if one not in value)


def _moved(clip: list[int]) -> Iterator[tuple[int, int]]:
    low, high = clip
    yield from ((low - 1, high), (low + 1, high), (low, high - 1), (low, high + 1))


def _scalar(value: Any, key: str, place: Place) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value - 1, value + 1)
    elif key == "epsilon":
        yield from (str(Decimal(value) * 2), str(Decimal(value) / 2))
    elif key == "delta":
        return
    elif value is None:
        if key == "lifetime":
            yield {"epsilon": "0.01"}
        elif key == "min_count":
            yield 1000
    elif key in ("from", "until"):
        day = date.fromisoformat(value)
        yield from (str(day - timedelta(days=1)), str(day + timedelta(days=1)))
    elif place[-1] == "id" and place[0] in ("policy", "prohibitions"):
        return
    elif isinstance(value, str):
        yield "elsewhere"
