"""Danish by gettext: catalogues lie beside the modules whose texts they have, ``locale/da/LC_MESSAGES/*.po``.

The English text is its own id. ``*.mo`` are compiled from ``*.po`` by ``cli/catalogues.py`` and committed,
so that nothing needs a compiler at run time; ``make check`` notices a stale one.
"""

from __future__ import annotations

import gettext
from pathlib import Path

__all__ = ["danish"]


def danish(module: str, domain: str) -> dict[str, str]:
    """English → Danish, as far as the catalogue has it.

    Args:
        module: ``__file__`` of the module beside whose folder ``locale`` lies.
        domain: the catalogue's name.
    """
    found = gettext.translation(domain, Path(module).parent / "locale", ["da"])
    # What gettext offers looks texts up; here they are listed too, for texts that are found by their form.
    catalogue: dict[str, str] = found._catalog  # type: ignore[attr-defined]
    return {english: text for english, text in catalogue.items() if english}
