"""One line of what an officer's look has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Mark"]

Mark = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``mark``: ok, worth knowing, or wrong; ``code``: of the error, where there is one."""

    mark: Mark
    text: str
    code: str = ""
