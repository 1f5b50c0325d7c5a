"""How something is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from samklang.errors import SamklangError


def code_of(function: Callable[..., object], *words: Any) -> str:
    """The named refusal, empty if there is none; anything else that is raised is a fault."""
    try:
        function(*words)
    except SamklangError as error:
        return error.code
    return ""
