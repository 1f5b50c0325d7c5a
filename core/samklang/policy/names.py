"""What can be used of citizens' records, as people read it: the codebook's label, and the name in documents.

A name as it stands in a policy says how it is used (``age/five``, ``minutes as measure``, ``presence of
hospital``). People read the label, and behind it the codebook's own name, which is what they would look up.
"""

from __future__ import annotations

import re
from typing import Final

from samklang.errors import Language
from samklang.model.base import Label
from samklang.model.codebook import Codebook
from samklang.model.policy import WHOLE_POPULATION
from samklang.policy.vocabulary import bare
from samklang.policy.words import say

__all__ = ["group_label", "named", "use_label"]

_PRESENCE: Final = "presence of "
_QUOTED: Final = re.compile(r"'([^'\n]+)'")


def use_label(name: str, codebook: Codebook, lang: Language) -> str:
    """``Age (`age/five`)``, or the name itself if the codebook has no label for it."""
    plain = bare(name)
    if name.startswith(_PRESENCE):
        sector = codebook.sectors.get(plain)
        label = _in(sector.label, lang) if sector else plain
        return say(lang, "known in the sector {label} or not (`{name}`)", label=label, name=plain)
    variable = codebook.variables.get(plain)
    shown = name.removesuffix(" as measure")
    return f"{_in(variable.label, lang)} (`{shown}`)" if variable else shown


def group_label(name: str, codebook: Codebook, lang: Language) -> str:
    """A target group: ``Elderly medical patients (`elderly-medical`)``."""
    if name == WHOLE_POPULATION:
        return say(lang, "everybody in the data")
    group = codebook.target_groups.get(name)
    return f"{_in(group.label, lang)} (`{name}`)" if group else name


def named(text: str, codebook: Codebook, lang: Language) -> str:
    """A finished text with the labels of the names that it quotes: ``'age/five' is not granted.``"""

    def labelled(found: re.Match[str]) -> str:
        name = found[1]
        known = bare(name) in (codebook.sectors if name.startswith(_PRESENCE) else codebook.variables)
        if known and (name != bare(name) or name in codebook.variables):
            return use_label(name, codebook, lang)
        return group_label(name, codebook, lang) if name in codebook.target_groups else found[0]

    return _QUOTED.sub(labelled, text)


def _in(label: Label, lang: Language) -> str:
    return label.da if lang == "da" else label.en
