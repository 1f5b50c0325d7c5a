"""The configuration of a node and of the coordinator: where things are. It holds no secret itself.

All paths are relative to the folder of the configuration file; :func:`load_node_config` and
:func:`load_coordinator_config` return them absolute. Keys are named by their files.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, StringConstraints, Tag

from samklang.model.base import Delta, Document, Identifier, Number
from samklang.model.loading import load
from samklang.model.manifest import PublicKey

_PORT = r"(?:\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])"
ADDRESS = rf"^[A-Za-z0-9.-]{{1,253}}:{_PORT}$"
DATABASE = r"^[a-z][a-z0-9+]{1,30}://(?:[^:@/\s]+@)?[^@\s]+$"
"""A database's address in which no password can stand before the host."""

Address = Annotated[str, StringConstraints(pattern=ADDRESS)]
"""``host:port``; port 0 in ``listen`` takes a free one."""


def _one_or_more(value: Any) -> Any:
    """``file: a.csv`` is short for ``file: [a.csv]``."""
    if isinstance(value, str | Path):
        return (str(value),)
    if isinstance(value, list | tuple) and all(isinstance(v, str | Path) for v in value):
        return tuple(str(v) for v in value)
    return value


Files = Annotated[
    tuple[Path, ...],
    Field(min_length=1),
    BeforeValidator(_one_or_more, json_schema_input_type=str | Annotated[list[str], Field(min_length=1)]),
]
"""A path, a list of paths, or globs."""


class Tls(Document):
    """PEM files: the federation's CA, the own certificate (chain) and its private key (0600)."""

    ca: Path
    certificate: Path
    key: Path


class Documents(Document):
    """Signed documents: DSSE envelopes over canonical JSON."""

    manifest: Path
    """The federation manifest."""
    codebook: Path
    """The codebook."""


class NodeDocuments(Documents):
    policy: Path
    """This node's policy."""
    policy_source: Path | None = None
    """The YAML that the controller wrote, so that reasons name its lines; it must be what was signed."""


class Trust(Document):
    """Public keys whose signatures are asked for, all of them: controllers sign the manifest and the
    codebook; a node's controller and its DPO sign its policy."""

    manifest: Annotated[tuple[PublicKey, ...], Field(min_length=1)]
    codebook: Annotated[tuple[PublicKey, ...], Field(min_length=1)]


class Signer(Document):
    """Somebody whose signature a policy must carry, and as what: a controller approves, a DPO attests."""

    key: PublicKey
    name: Annotated[str, Field(min_length=1, max_length=200)]
    """The person, or the office."""
    as_: Annotated[Literal["controller", "dpo"], Field(alias="as")]
    """Dataansvarlig, or databeskyttelsesrådgiver."""


class NodeTrust(Trust):
    policy: Annotated[tuple[PublicKey | Signer, ...], Field(min_length=1)]
    """Keys of the node's controller and DPO. Where it says who signs as what, it must name both."""


class Limits(Document):
    """What one process may use; ``queries`` run at the same time."""

    threads: Annotated[int, Field(ge=1, le=256)] = 2
    """Of the data engine and of the arithmetic."""
    memory_mb: Annotated[int, Field(ge=128)] = 1024
    """Of the data engine, in MB; beyond it, it writes to disk."""
    queries: Annotated[int, Field(ge=1, le=64)] = 1


class ControllerColumn(Document):
    """A column of the source that says whose a row is. A row that names nobody, or somebody whom neither
    ``ids`` nor the policy's list knows, is set aside."""

    column: Annotated[str, StringConstraints(min_length=1)]
    """Its name in the files: ydernummer."""
    ids: dict[Annotated[str, StringConstraints(min_length=1, max_length=200)], Identifier] = {}
    """From what stands in the column to the controller's id in the policy; left out, the ids stand there."""


class TableReading(Document):
    """How one logical table's files are read. ``columns`` maps logical column to the file's; one left out has
    its own name there. ``nulls`` are further texts that mean "no value" (``null`` by itself would be no text
    in YAML). The reading options are those of :class:`samklang.node.data.sources.TableSource`."""

    format: Literal["csv", "parquet"] = "csv"
    """Of all files of the table."""
    columns: dict[Identifier, str] = {}
    encoding: Literal["auto", "utf-8", "utf-16", "latin-1", "windows-1252"] = "auto"
    """Of a CSV file; auto: looked at."""
    separator: Annotated[str, StringConstraints(pattern=r"^(auto|[^\n\r\"])$")] = "auto"
    """Between columns of a CSV file; auto: looked at."""
    decimal: Literal["auto", ".", ","] = "auto"
    """The decimal mark in texts; auto: looked at, and refused if it can't be told."""
    date_formats: tuple[str, ...] = ()
    """Forms of dates, tried instead of the usual ones, as in strptime: %d.%m.%Y."""
    null: Annotated[tuple[str, ...], Field(alias="nulls")] = ()
    duplicates: Literal["keep", "drop", "newest"] = "keep"
    """Same CPR number twice: keep all rows, drop identical ones, or keep the newest."""
    newest_by: Identifier | None = None
    """The column that says which row is newest."""


class TableConfig(TableReading):
    """One logical table's files; all rows are the only controller's, or a column says whose each is."""

    file: Files
    controller: ControllerColumn | None = None
    """Where the files hold rows of several controllers: what says whose a row is."""


class ControllerFiles(TableReading):
    """One logical table's files, by controller. On a day when a controller hasn't joined, its files aren't
    opened; every one that has joined needs files here."""

    files_of: Annotated[dict[Identifier, Files], Field(min_length=1)]
    """By the controller's id in the policy: its files."""


def _table_kind(table: Any) -> str:
    if isinstance(table, ControllerFiles) or (isinstance(table, dict) and "files_of" in table):
        return "table-files-of"
    return "table-file"


AnyTable = Annotated[
    Annotated[TableConfig, Tag("table-file")] | Annotated[ControllerFiles, Tag("table-files-of")],
    Discriminator(_table_kind),
]


class RegisterConfig(Document):
    """A register of citizens, as a file with a column of CPR numbers.

    ``objection``: those listed are left out. ``consent``: only those listed may take part where a grant
    is opt-in.
    """

    kind: Literal["objection", "consent"] = "objection"
    """Who is listed: those who object, or those who consent."""
    file: Files
    column: str = "cpr"
    """The column of CPR numbers."""
    format: Literal["csv", "parquet"] = "csv"
    encoding: Literal["auto", "utf-8", "utf-16", "latin-1", "windows-1252"] = "auto"
    separator: Annotated[str, StringConstraints(pattern=r"^(auto|[^\n\r\"])$")] = "auto"


class SqlRegister(Document):
    """A register as a table or view of a database, read through Ibis. The address holds no password."""

    kind: Literal["objection", "consent"] = "objection"
    """Who is listed: those who object, or those who consent."""
    database: Annotated[str, StringConstraints(pattern=DATABASE)]
    """`postgres://user@host:port/name`, `duckdb:///folder/file.duckdb`, `sqlite:///folder/file.sqlite`."""
    table: Annotated[str, StringConstraints(min_length=1, max_length=127)]
    """A table or view; the database's role needs to read nothing else."""
    in_schema: Annotated[str | None, Field(alias="schema")] = None
    """Where the table isn't in the role's own search path."""
    column: str = "cpr"
    """The column of CPR numbers."""
    password_file: Path | None = None
    """A file (mode 0600) that holds the password and nothing else."""
    password_environment: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,62}$")] | None = None
    """An environment variable that holds the password."""


Scope = Literal["research", "patient-privacy", "treatment", "adr"]


class FhirRegister(Document):
    """A register as FHIR R4 bundles (JSON) of Consent resources; see
    :mod:`samklang.node.data.fhir` for what they mean."""

    kind: Literal["objection", "consent"] = "objection"
    """Whose answers are taken from them: those who object, or those who consent and don't object."""
    fhir: Files
    scope: Annotated[tuple[Scope, ...], Field(min_length=1)] = ("research", "patient-privacy")
    """Scopes that count; a consent to something else says nothing here."""


def _register_kind(register: Any) -> str:
    if isinstance(register, SqlRegister) or (isinstance(register, dict) and "database" in register):
        return "register-sql"
    if isinstance(register, FhirRegister) or (isinstance(register, dict) and "fhir" in register):
        return "register-fhir"
    return "register-file"


AnyRegister = Annotated[
    Annotated[RegisterConfig, Tag("register-file")]
    | Annotated[SqlRegister, Tag("register-sql")]
    | Annotated[FhirRegister, Tag("register-fhir")],
    Discriminator(_register_kind),
]


class Observe(Document):
    """Health and metrics, over plain HTTP: an internal address, for probes and monitoring alone."""

    listen: Address
    """`host:port`; answers /livez, /readyz and /metrics. Without it, nothing listens."""


class NodeName(Document):
    id: Identifier


class CoordinatorAddress(Document):
    address: Address


class Caps(Document):
    """What this node's data may be asked in all, over every grant and analyst: ε in a calendar month, a
    calendar year and altogether, at ``delta``."""

    month: Annotated[Number, Field(gt=0, le=64)] = Decimal(2)
    year: Annotated[Number, Field(gt=0, le=64)] = Decimal(4)
    lifetime: Annotated[Number, Field(gt=0, le=64)] = Decimal(8)
    delta: Delta = Decimal("1e-8")


class Oversight(Document):
    """A service for the organisation's data-protection officers (and, for health, operators): mutual TLS
    with the node's own certificate, which needs a host name for it (`samklang federation enrol --host`)."""

    listen: Address
    """`host:port` to listen on, of this machine or the internal network; port 0 takes a free one."""
    only: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    """SHA-256 of the certificates that may read; none: every officer whom the federation's authority has
    certified for this organisation."""
    revoked: Path | None = None
    """Certificates that count no more, as in the coordinator's configuration."""


class NodeConfig(Document):
    """A partner's node."""

    node: NodeName
    """Which node of the manifest this is."""
    coordinator: CoordinatorAddress
    """Where the coordinator listens; the node dials out."""
    tls: Tls
    identity: Path
    """The node's Ed25519 identity key (PEM, mode 0600)."""
    documents: NodeDocuments
    """Where the signed documents are."""
    trust: NodeTrust
    """Whose signatures they must carry."""
    state: Path
    """Folder for ledger, journal and temporary data; mode 0700, of this process alone."""
    tables: dict[Identifier, AnyTable]
    """By logical table: this node's own files, and whose rows they hold where it hosts several
    controllers."""
    consent: dict[Identifier, AnyRegister] = {}
    """By name: registers of objections and consents."""
    caps: Caps = Caps()
    limits: Limits = Limits()
    observe: Observe | None = None
    oversight: Oversight | None = None
    """What the organisation's data-protection officer may read from outside; none: nothing listens."""

    @property
    def attributed(self) -> bool:
        """Every table says whose its rows are."""
        return bool(self.tables) and all(attributed(table) for table in self.tables.values())

    @property
    def half_attributed(self) -> bool:
        """Some tables say whose their rows are, and some don't."""
        return not self.attributed and any(attributed(table) for table in self.tables.values())


def attributed(table: TableConfig | ControllerFiles) -> bool:
    """The table says whose its rows are."""
    return isinstance(table, ControllerFiles) or table.controller is not None


class CoordinatorName(Document):
    id: Identifier
    listen: Address
    """`host:port` to listen on; port 0 takes a free one."""


class Enrolment(Document):
    """Where people who have been invited may ask to join, over TLS without a client certificate."""

    listen: Address


class Deadlines(Document):
    """Seconds. ``absent``: for all nodes of a query to be linked; ``authorise``: for their answers;
    ``stage``: for any one stage of an attempt; ``attempt``: for the whole of it."""

    absent: Annotated[int, Field(ge=1, le=86_400)] = 60
    authorise: Annotated[int, Field(ge=1, le=86_400)] = 60
    stage: Annotated[int, Field(ge=1, le=86_400)] = 300
    attempt: Annotated[int, Field(ge=1, le=86_400)] = 3_600


class CoordinatorConfig(Document):
    """Linker and relay."""

    coordinator: CoordinatorName
    tls: Tls
    identity: Path
    """The coordinator's Ed25519 identity key (PEM, mode 0600)."""
    documents: Documents
    """Where the signed documents are."""
    trust: Trust
    """Whose signatures they must carry."""
    state: Path
    """Folder for queries, releases and the journal; mode 0700, of this process alone."""
    deadlines: Deadlines = Deadlines()
    limits: Limits = Limits()
    enrolment: Enrolment | None = None
    """Without it, requests to join come as files."""
    revoked: Path | None = None
    """Certificates that count no more: one SHA-256 fingerprint a line. Read again when it changes."""
    observe: Observe | None = None


C = TypeVar("C", bound=BaseModel)


def load_node_config(path: Path | str) -> NodeConfig:
    """Read a node's configuration.

    Raises:
        DocumentErrors, SamklangError: as :func:`samklang.model.loading.load`.
    """
    return absolute(load(path, NodeConfig).document, Path(path).resolve().parent)


def load_coordinator_config(path: Path | str) -> CoordinatorConfig:
    """Read a coordinator's configuration; raises like :func:`load_node_config`."""
    return absolute(load(path, CoordinatorConfig).document, Path(path).resolve().parent)


def absolute(config: C, folder: Path) -> C:
    """The same configuration with every path absolute."""
    moved: C = _map_paths(config, lambda path: folder / path)
    return moved


def _map_paths(value: Any, move: Callable[[Path], Path]) -> Any:
    if isinstance(value, Path):
        return move(value)
    if isinstance(value, BaseModel):
        changed = {name: _map_paths(getattr(value, name), move) for name in type(value).model_fields}
        return value.model_copy(update=changed)
    if isinstance(value, dict):
        return {k: _map_paths(v, move) for k, v in value.items()}
    if isinstance(value, tuple):
        return tuple(_map_paths(v, move) for v in value)
    return value
