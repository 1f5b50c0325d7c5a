"""The log key: made at the first start, vouched for by the node's identity key, used for nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from samklang.audit.checkpoint import origin_of
from samklang.audit.statement import LogKey, make_statement, read_statement
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.files import write_private
from samklang.identity.keys import SigningKey

__all__ = ["KEY_FILE", "STATEMENT_FILE", "LogSigner", "open_log_key"]

KEY_FILE = "log.key"
STATEMENT_FILE = "log-key.json"


@dataclass(frozen=True, slots=True)
class LogSigner:
    """A node's log key and the statement that goes with it."""

    key: SigningKey = field(repr=False)
    said: LogKey
    statement: Envelope


def open_log_key(state: Path, federation: str, node: str, identity: SigningKey) -> LogSigner:
    """The log key in a node's state folder; made, with its statement, if it isn't there.

    A statement that the identity key hasn't signed (the identity is a new one) is made anew for the same log
    key.

    Raises:
        SamklangError: ``identity-key-*`` if the key file can't be read.
    """
    path = state / KEY_FILE
    if not path.exists():
        SigningKey.generate().save(path)
    key = SigningKey.load(path)
    kept = state / STATEMENT_FILE
    try:
        statement = Envelope.from_bytes(kept.read_bytes())
        said = read_statement(statement, node, federation, identity.verify_key)
        if said.key == key.verify_key.text:
            return LogSigner(key, said, statement)
    except (OSError, SamklangError):
        pass
    said = LogKey(
        federation=federation,
        node=node,
        origin=origin_of(federation, node),
        key=key.verify_key.text,
        since=datetime.now(UTC).replace(microsecond=0),
    )
    statement = make_statement(said, identity)
    kept.unlink(missing_ok=True)
    write_private(kept, statement.to_bytes())
    return LogSigner(key, said, statement)
