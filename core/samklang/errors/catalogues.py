"""Danish by gettext: catalogues lie beside the modules whose texts they have, ``locale/da/LC_MESSAGES/*.po``.

The English text is its own id. ``*.mo`` are compiled from ``*.po`` by ``cli/catalogues.py`` and committed,
so that nothing needs a compiler at run time; ``make check`` notices a stale one.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from pathlib import Path

from samklang.errors.catalogue.entry import Language
from samklang.errors.figures import whole

__all__ = ["Plurals", "danish", "plurals"]


def danish(module: str, domain: str) -> dict[str, str]:
    """English → Danish, as far as the catalogue has it.

    Args:
        module: ``__file__`` of the module beside whose folder ``locale`` lies.
        domain: the catalogue's name.
    """
    found = gettext.translation(domain, Path(module).parent / "locale", ["da"])
    # What gettext offers looks texts up; here they are listed too, for texts that are found by their form.
    catalogue: dict[str, str] = found._catalog  # type: ignore[attr-defined]
    return {english: text for english, text in catalogue.items() if english and isinstance(english, str)}


@dataclass(frozen=True, slots=True)
class Plurals:
    """Texts in which a number stands before its noun.

    Attributes:
        forms: the English for one → the Danish for one and for many (``msgid_plural`` and ``msgstr[0]``,
            ``msgstr[1]`` of the catalogue).
    """

    forms: dict[str, tuple[str, ...]]
    _found: gettext.NullTranslations

    def say(self, lang: Language, one: str, many: str, n: int, **values: object) -> str:
        """``one`` or ``many``, as the language's rule has it for ``n``, with ``{n}`` and all fields filled.

        Raises:
            KeyError: the catalogue has no Danish.
        """
        text = one if n == 1 else many
        if lang == "da":
            if one not in self.forms:
                raise KeyError(one)
            text = self._found.ngettext(one, many, n)
        return text.format(n=whole(n, lang), **values)


def plurals(module: str, domain: str) -> Plurals:
    """The counted texts of a catalogue; the arguments are those of :func:`danish`."""
    found = gettext.translation(domain, Path(module).parent / "locale", ["da"])
    forms: dict[str, dict[int, str]] = {}
    for key, text in found._catalog.items():  # type: ignore[attr-defined]
        if isinstance(key, tuple):
            forms.setdefault(key[0], {})[key[1]] = text
    ordered = {one: tuple(by_form[i] for i in sorted(by_form)) for one, by_form in forms.items()}
    return Plurals(ordered, found)
