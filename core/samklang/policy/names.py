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

__all__ = ["group_label", "group_text", "label_of", "named", "use_label", "use_text"]

_PRESENCE: Final = "presence of "
_QUOTED: Final = re.compile(r"'([^'\n]+)'")


def label_of(name: str, codebook: Codebook, *, group: bool = False) -> Label | None:
    """The codebook's label of a use, or of a target group."""
    if group:
        found = codebook.target_groups.get(name)
        return found.label if found else None
    if name.startswith(_PRESENCE):
        sector = codebook.sectors.get(bare(name))
        return sector.label if sector else None
    variable = codebook.variables.get(bare(name))
    return variable.label if variable else None


def use_text(name: str, label: Label | None, lang: Language) -> str:
    """``Age (`age/five`)``, or the name itself without a label."""
    if name.startswith(_PRESENCE):
        plain = bare(name)
        shown = _in(label, lang) if label else plain
        return say(lang, "known in the sector {label} or not (`{name}`)", label=shown, name=plain)
    shown = name.removesuffix(" as measure")
    return f"{_in(label, lang)} (`{shown}`)" if label else shown


def group_text(name: str, label: Label | None, lang: Language) -> str:
    """A target group: ``Elderly medical patients (`elderly-medical`)``."""
    if name == WHOLE_POPULATION:
        return say(lang, "everybody in the data")
    return f"{_in(label, lang)} (`{name}`)" if label else name


def use_label(name: str, codebook: Codebook, lang: Language) -> str:
    """:func:`use_text` with the codebook's label."""
    return use_text(name, label_of(name, codebook), lang)


def group_label(name: str, codebook: Codebook, lang: Language) -> str:
    """:func:`group_text` with the codebook's label."""
    return group_text(name, label_of(name, codebook, group=True), lang)


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
