"""What an officer saw last time: the ledger's head and the log's state; neither can be rolled back unseen."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path

from samklang.audit.checkpoint import Checkpoint
from samklang.errors import SamklangError
from samklang.node.ledger_chain import Head

__all__ = ["Seen", "load_seen", "save_seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    ledger: Head
    log: Checkpoint


def load_seen(path: Path) -> Seen | None:
    """What was saved; None if this is the first time.

    Raises:
        SamklangError: ``client-file``: the file is there and can't be read; it is not looked over.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        root = base64.b64decode(found["log"]["root"], validate=True)
        log = Checkpoint(str(found["log"]["origin"]), int(found["log"]["size"]), root)
        return Seen(Head.from_text(found["ledger"]), log)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, SamklangError):
        raise SamklangError("client-file", file=path.name, problem="unreadable") from None


def save_seen(path: Path, seen: Seen) -> None:
    """Keep it; raises ``client-file``."""
    log = {
        "origin": seen.log.origin,
        "size": seen.log.size,
        "root": base64.b64encode(seen.log.root).decode("ascii"),
    }
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(json.dumps({"ledger": seen.ledger.text, "log": log}, indent=1), encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise SamklangError("client-file", file=path.name, problem=error.strerror or "unusable") from None
