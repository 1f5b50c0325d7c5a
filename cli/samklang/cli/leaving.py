"""A node that has left a federation: what goes, and what stays because somebody may have to answer for it."""

from __future__ import annotations

import shutil
from pathlib import Path

from samklang.errors import SamklangError
from samklang.model.config import NodeConfig
from samklang.transport.process import own_state

__all__ = ["leave"]

DATA = ("snapshots", "spill")
"""Folders of the state that hold citizens' records."""


def leave(config: NodeConfig) -> dict[str, list[str]]:
    """Delete keys, certificate and snapshots of a node that doesn't run; returns names, ``deleted`` and
    ``kept``. The partner's own tables are the partner's and aren't touched.

    Kept are the ledger and the journal (budgets are for life, and the records may be asked again in another
    federation), the audit log and the approvals (for as long as policies say), and the signed documents.

    Raises:
        SamklangError: ``transport-state`` if the node runs, ``backup-source`` if something can't be deleted.
    """
    deleted = []
    with own_state(config.state) as state:
        try:
            for name in DATA:
                if (state / name).is_dir():
                    shutil.rmtree(state / name)
                    deleted.append(name)
            for key in (config.identity, config.tls.key, config.tls.certificate):
                for path in (key, Path(f"{key}.old")):
                    if path.exists():
                        path.unlink()
                        deleted.append(path.name)
        except OSError as error:
            raise SamklangError("backup-source", problem=error.strerror or "unusable") from None
        kept = sorted(path.name for path in state.iterdir() if path.suffix == ".sqlite")
    return {"deleted": deleted, "kept": kept}
