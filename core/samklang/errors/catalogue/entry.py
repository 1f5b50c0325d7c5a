"""The form of one catalogue entry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code means.

    Attributes:
        what: what happened; ``str.format`` template.
        fix: what to do about it; ``str.format`` template.
        public: whether both texts may be shown to another organisation.
    """

    what: str
    fix: str
    public: bool = True
