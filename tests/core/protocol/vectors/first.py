"""The project's own implementation behind the vectors' functions: JSON in, JSON out.

Inputs come as a vector file has them; what a function returns, or the code of the error it raises, is what
the file must say. Only code under ``samklang`` computes anything here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.core.protocol.vectors import first_joint, first_keys


def function(name: str) -> Callable[[dict[str, Any]], Any]:
    """The function of a case; ``AttributeError`` if there is none."""
    found: Callable[[dict[str, Any]], Any] = getattr(first_keys, name, None) or getattr(first_joint, name)
    return found
