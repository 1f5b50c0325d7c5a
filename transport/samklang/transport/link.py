"""What both ends of a link between node and coordinator go by; other messages are another version."""

from __future__ import annotations

from typing import Final

__all__ = ["HEARTBEAT_SECONDS", "PROTOCOL_VERSION", "SILENCE_SECONDS"]

PROTOCOL_VERSION: Final = 2
HEARTBEAT_SECONDS: Final = 1.0
"""How often each end says something, if it has nothing to say."""
SILENCE_SECONDS: Final = 8.0
"""After so long a silence the other end is taken to be gone."""
