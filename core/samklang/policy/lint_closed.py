"""Clauses that close something, and leave it open: names that nothing has, and bandings that say as much.

A prohibition forbids what it names. One that names what isn't there forbids nothing, without any sign of it;
and one banding is closed for nothing where another one is open whose levels add up to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from samklang.errors import SamklangError
from samklang.model.codebook import Codebook, Measure
from samklang.model.nesting import merged_levels
from samklang.model.policy import RELEASE_ORDER, WHOLE_POPULATION, Policy, banding_name
from samklang.policy.request import Place
from samklang.policy.vocabulary import Vocabulary, bare

__all__ = ["closes_nothing"]

Found = Iterator[tuple[Place, SamklangError]]


def closes_nothing(policy: Policy, codebook: Codebook, words: Vocabulary, shown: set[str]) -> Found:
    """Warnings about ``policy`` as it is enforced, each with its clause there.

    Args:
        words: of its node.
        shown: uses that some request is permitted.
    """
    bares = {*codebook.variables, *codebook.sectors}
    known: dict[str, set[str]] = {
        "organisations": {*words.organisations},
        "target_groups": {*words.groups, WHOLE_POPULATION},
        "variables": {*words.uses, *bares},
    }
    for index, prohibition in enumerate(policy.prohibitions):
        for key, names in known.items():
            for n, name in enumerate(getattr(prohibition, key)):
                if name not in names:
                    place = ("prohibitions", index, key, n)
                    yield place, SamklangError("policy-lint-forbids-nothing", name=name)
    closed = [name for name, r in policy.variables.items() if RELEASE_ORDER.index(r.release) < 2]
    for name in closed:
        for finer in sorted(shown):
            if name != finer and _follows(name, finer, codebook):
                yield ("variables", name), SamklangError("policy-lint-finer", name=name, finer=finer)
                break


def _follows(name: str, finer: str, codebook: Codebook) -> bool:
    """Whether the levels of ``finer`` add up to those of ``name``."""
    variable = codebook.variables.get(bare(name))
    if variable is None or isinstance(variable, Measure) or bare(name) != bare(finer):
        return False
    found = {banding_name(bare(name), banding): b for banding, b in variable.bandings.items()}
    if name not in found or finer not in found:
        return False
    return merged_levels(variable, found[finer], found[name]) is not None
