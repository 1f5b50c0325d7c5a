"""Is this process well? What a container's health check asks: the process's own answer on its own machine."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

from samklang.errors import SamklangError

if TYPE_CHECKING:
    from samklang.cli.output import Output
    from samklang.model.config import Observe

__all__ = ["health"]

SECONDS = 4.0
_EVERYWHERE = frozenset({"0.0.0.0", "", "::"})  # noqa: S104


def health(observe: Observe | None, output: Output) -> int:
    """Ask ``/readyz`` and show the answer.

    Raises:
        SamklangError: ``transport-health`` if it isn't well, doesn't answer, or has no address to answer on.
    """
    if observe is None:
        raise SamklangError("transport-health", address="-", problem="`observe` is not configured")
    host, _, port = observe.listen.rpartition(":")
    address = f"{'127.0.0.1' if host in _EVERYWHERE else host}:{port}"
    connection = http.client.HTTPConnection(address, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        said = json.loads(connection.getresponse().read(10_000))
        problem = str(said["problem"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        problem = "no answer"
    finally:
        connection.close()
    if problem:
        raise SamklangError("transport-health", address=address, problem=problem)
    output.result({"ok": True}, output.say("well"))
    return 0
