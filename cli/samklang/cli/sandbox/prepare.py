"""Keys, documents and configurations for a federation that somebody else starts: containers, for instance.

What :mod:`.material` makes, with the addresses of another place written in, and nothing running.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from samklang.cli.sandbox.folder import Blueprint
from samklang.cli.sandbox.material import Material, make

__all__ = ["prepare"]


def prepare(
    blueprint: Blueprint, workdir: Path, *, today: date, address: str, observe: str | None = None
) -> Material:
    """Make everything under ``workdir``, which must be empty.

    Args:
        address: ``host:port`` by which nodes and the analyst dial the coordinator; it listens on that port
            of every interface.
        observe: where each process answers for its health and metrics.

    Raises:
        SamklangError: as :func:`samklang.cli.sandbox.material.make`.
    """
    host, _, port = address.rpartition(":")
    listen = f"0.0.0.0:{port}"
    made = make(blueprint, workdir, today=today, listen=listen, hosts=[host], oversight=False)
    made.write_addresses(address, listen)
    if observe:
        for path in (made.coordinator, *made.nodes.values()):
            config = json.loads(path.read_text(encoding="utf-8"))
            config["observe"] = {"listen": observe}
            path.write_text(json.dumps(config, ensure_ascii=False, indent=1), encoding="utf-8")
    return made
