"""A register in a database of the partner's own, read through Ibis: DuckDB, SQLite, PostgreSQL and others.

One SELECT of one column, so what is read is one state of the table. The role needs to read that table (or
view) and nothing else. The password comes from a file or an environment variable, and neither it nor
anything a driver says gets into an error: drivers quote addresses and values.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import quote, urlsplit, urlunsplit

import pyarrow as pa

from samklang.errors import SamklangError
from samklang.model.config import SqlRegister
from samklang.node.data.readers import Opened, plain_type

__all__ = ["open_register"]

_BATCH_ROWS = 131_072
_POSTGRES = ("postgres", "postgresql")
_OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=600000"


def open_register(name: str, config: SqlRegister) -> Opened:
    """The register's CPR numbers, as the column ``cpr``; all of them, about 20 bytes each.

    Raises:
        SamklangError: ``node-register-database``, ``node-register-table``, ``node-register-secret``.
    """
    import ibis

    address = _address(name, config)
    try:
        con = ibis.connect(address)
    except Exception as error:
        raise SamklangError("node-register-database", register=name, private=type(error).__name__) from None
    try:
        table = con.table(config.table, database=config.in_schema)
        found = table.select(cpr=table[_column(table.columns, config.column)]).to_pyarrow()
        kind = plain_type(found.schema.field("cpr").type)
        if kind is None:
            raise TypeError("no type of a CPR number")
        numbers = found.cast(pa.schema([("cpr", kind)]))
    except Exception as error:
        raise SamklangError("node-register-table", register=name, private=type(error).__name__) from None
    finally:
        con.disconnect()
    return Opened(numbers.schema, iter(numbers.to_batches(_BATCH_ROWS)), [])


def _column(columns: Sequence[str], wanted: str) -> str:
    """As written, else ignoring case."""
    if wanted in columns:
        return wanted
    (found,) = [c for c in columns if c.casefold() == wanted.casefold()]
    return found


def _address(name: str, config: SqlRegister) -> str:
    parts = urlsplit(config.database)
    if parts.password is not None or "password" in parts.query.lower():
        raise SamklangError("node-register-secret", register=name, problem="the address holds a password")
    if parts.scheme in ("duckdb", "sqlite"):
        if not os.path.isfile(parts.path):
            raise SamklangError("node-register-database", register=name, private="no such file")
        query = "read_only=true" if parts.scheme == "duckdb" else ""
        return urlunsplit((parts.scheme, "", parts.path, query, ""))
    secret = _secret(name, config)
    netloc = parts.netloc
    if secret:
        user, _, host = netloc.rpartition("@")
        netloc = f"{user}:{quote(secret, safe='')}@{host}"
    query = parts.query
    if parts.scheme in _POSTGRES:
        own = f"connect_timeout=10&application_name=samklang&options={quote(_OPTIONS)}"
        query = f"{query}&{own}" if query else own
    return urlunsplit((parts.scheme, netloc, parts.path, query, ""))


def _secret(name: str, config: SqlRegister) -> str:
    if config.password_file is not None:
        try:
            with config.password_file.open(encoding="utf-8") as file:
                if os.fstat(file.fileno()).st_mode & 0o077:
                    problem = "the password's file may be read by others"
                    raise SamklangError("node-register-secret", register=name, problem=problem)
                return file.read().strip("\r\n")
        except (OSError, UnicodeDecodeError):
            problem = "the password's file can't be read"
            raise SamklangError("node-register-secret", register=name, problem=problem) from None
    if config.password_environment is not None:
        secret = os.environ.get(config.password_environment)
        if not secret:
            problem = "the password's environment variable is empty"
            raise SamklangError("node-register-secret", register=name, problem=problem)
        return secret
    return ""
