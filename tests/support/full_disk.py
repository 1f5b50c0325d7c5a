"""A disk without room, for this process: no file may be written beyond its first so many bytes."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["no_room"]


@contextmanager
def no_room(beyond: int = 0) -> Iterator[None]:
    """While the block runs, every write behind byte ``beyond`` of any file fails (RLIMIT_FSIZE, EFBIG).

    Python ignores the signal that would come with it. What is printed meanwhile may be lost too.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (beyond, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
