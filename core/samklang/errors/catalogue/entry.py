"""The form of one catalogue entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from samklang.errors.phrases import in_danish

Language = Literal["en", "da"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code means, in both languages with the same parameters.

    Attributes:
        what: what happened; ``str.format`` template.
        fix: what to do about it; ``str.format`` template.
        public: whether the texts may be shown to another organisation.
        what_da: ``what`` in Danish.
        fix_da: ``fix`` in Danish.
    """

    what: str
    fix: str
    public: bool = True
    _: KW_ONLY
    what_da: str
    fix_da: str

    def text(self, params: Mapping[str, object], lang: Language = "en") -> tuple[str, str]:
        """(what happened, what to do), filled from ``params``.

        In Danish a parameter that is a phrase of ours ("the document", "a whole number") is said in
        Danish too; names and numbers stay as they are.

        Raises:
            KeyError: a parameter is missing.
        """
        if lang == "en":
            return self.what.format(**params), self.fix.format(**params)
        danish = {name: in_danish(name, value) for name, value in params.items()}
        return self.what_da.format(**danish), self.fix_da.format(**danish)
