"""Registers from files, databases and FHIR bundles: the same citizens, dirty inputs too, and fail closed."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from samklang.errors import SamklangError
from samklang.model.config import NodeConfig
from samklang.model.loading import loads
from samklang.model.problems import DocumentErrors
from samklang.node.data.engine import Engine
from samklang.node.data.fhir import CPR_SYSTEM, RULE_SYSTEM, SCOPE_SYSTEM, read_bundle
from samklang.node.data.registers import load_registers, registers_now

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ONE, TWO, THREE = "0101014000", "0201014000", "0301014000"
DIRTY = [ONE, "020101-4000", " 0201014000 ", "301014000"]
"""One citizen as it should be, one with a hyphen and once more with blanks, one without its leading zero."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(tmp_path / "spill", threads=1, memory_mb=256)
    yield made
    made.close()


def read(engine: Engine, **register: Any) -> list[str]:
    loaded = load_registers(engine, {"r": parsed(register)}, NOW)
    return [c.decode() for c in loaded["r"].cpr]


def parsed(register: Mapping[str, Any]) -> Any:
    from pydantic import TypeAdapter

    from samklang.model.config import AnyRegister

    return TypeAdapter(AnyRegister).validate_python(register)


def refused(engine: Engine, **register: Any) -> SamklangError:
    with pytest.raises(SamklangError) as caught:
        read(engine, **register)
    assert not any(number in str(caught.value) + caught.value.private for number in (*DIRTY, "hunter2"))
    return caught.value


# Databases


def make_duckdb(path: Path, numbers: list[str]) -> str:
    with duckdb.connect(str(path)) as db:
        db.execute("CREATE TABLE no (CPR VARCHAR, day DATE)")
        for number in numbers:
            db.execute("INSERT INTO no VALUES (?, DATE '2026-01-01')", (number,))
    return f"duckdb://{path}"


def make_sqlite(path: Path, numbers: list[str]) -> str:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE no (CPR TEXT, day TEXT)")
        db.executemany("INSERT INTO no VALUES (?, '2026-01-01')", [(n,) for n in numbers])
    db.close()
    return f"sqlite://{path}"


@pytest.mark.parametrize("make", [make_duckdb, make_sqlite])
def test_a_table_gives_the_citizens_a_file_gives(engine: Engine, tmp_path: Path, make: Any) -> None:
    address = make(tmp_path / "registers.db", DIRTY)
    for kind in ("objection", "consent"):
        assert read(engine, kind=kind, database=address, table="no") == [ONE, TWO, THREE]
    assert read(engine, database=make(tmp_path / "none.db", []), table="no") == []


@pytest.mark.parametrize("make", [make_duckdb, make_sqlite])
def test_an_unreadable_row_stops_objections_and_gives_no_consent(
    engine: Engine, tmp_path: Path, make: Any
) -> None:
    address = make(tmp_path / "registers.db", [*DIRTY, "3113014000"])
    assert refused(engine, database=address, table="no").code == "node-objections-unreadable"
    assert read(engine, kind="consent", database=address, table="no") == [ONE, TWO, THREE]


@pytest.mark.parametrize("make", [make_duckdb, make_sqlite])
def test_what_is_not_there_has_a_name(engine: Engine, tmp_path: Path, make: Any) -> None:
    address = make(tmp_path / "registers.db", DIRTY)
    assert refused(engine, database=address + "x", table="no").code == "node-register-database"
    assert not (tmp_path / "registers.dbx").exists()
    assert refused(engine, database=address, table="yes").code == "node-register-table"
    assert refused(engine, database=address, table="no", column="number").code == "node-register-table"
    assert refused(engine, database=address, table="no", column="day", kind="objection").code in (
        "node-objections-unreadable",
        "node-register-table",
    )


def test_a_number_column_of_numbers_has_its_zeros_restored(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "n.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("CREATE TABLE no AS SELECT 101014000::BIGINT AS cpr")
    assert read(engine, database=f"duckdb://{path}", table="no") == [ONE]


@pytest.mark.parametrize(
    "address", ["postgres://me:hunter2@host/db", "postgres://me:se@cret@host/db", "not an address"]
)
def test_a_password_in_the_configuration_is_refused_and_not_repeated(address: str) -> None:
    text = f"consent: {{r: {{database: '{address}', table: no}}}}\n"
    with pytest.raises(DocumentErrors) as caught:
        loads(text.encode(), NodeConfig, "node.yaml")
    assert "hunter2" not in str(caught.value)
    assert "address without a password" in str(caught.value)


def test_a_password_elsewhere_in_the_address_is_refused_too(engine: Engine) -> None:
    error = refused(engine, database="postgres://me@127.0.0.1:1/db?password=hunter2", table="no")
    assert error.code == "node-register-secret"


def test_the_passwords_file_is_nobody_elses(engine: Engine, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    secret.chmod(0o644)
    register = {"database": "postgres://me@127.0.0.1:1/db", "table": "no"}
    assert refused(engine, **register, password_file=secret).code == "node-register-secret"
    assert refused(engine, **register, password_file=tmp_path / "none").code == "node-register-secret"
    assert refused(engine, **register, password_environment="NO_SUCH_VARIABLE").code == "node-register-secret"
    secret.chmod(0o600)
    assert refused(engine, **register, password_file=secret).code == "node-register-database"


BIN = next((p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists()), None)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL on a socket of its own, with a role that needs a password; its address."""
    if BIN is None:
        pytest.skip("PostgreSQL isn't installed")
    base = Path(os.environ.get("TMPDIR", "/tmp")) / f"samklang-pg-{os.getpid()}"
    base.mkdir(mode=0o700)
    runner: list[str] = []
    if os.geteuid() == 0:
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            base.rmdir()
            pytest.skip("PostgreSQL doesn't run as root, and there is no user postgres")
        os.chown(base, user.pw_uid, user.pw_gid)
        runner = ["runuser", "-u", "postgres", "--"]

    def run(*words: str) -> None:
        log = base / "out"
        with log.open("w") as out:  # not a pipe: the server would keep it open
            code = subprocess.run([*runner, *words], stdout=out, stderr=out, cwd="/", check=False).returncode
        assert code == 0, log.read_text()

    data = str(base / "data")
    try:
        password = base / "password"
        password.write_text("owner\n")
        if runner:
            os.chown(password, user.pw_uid, user.pw_gid)
        initdb = [str(BIN / "initdb"), "-D", data, "-A", "scram-sha-256", "--no-sync", "-U", "owner"]
        run(*initdb, "--pwfile", str(password))
        options = f"-F -k {base} -c listen_addresses=''"
        run(str(BIN / "pg_ctl"), "-D", data, "-w", "-l", str(base / "log"), "-o", options, "start")
        try:
            import psycopg

            with psycopg.connect(f"host={base} user=owner password=owner dbname=postgres") as db:
                db.execute("CREATE ROLE reader LOGIN PASSWORD 'p@ss:/word'")
                db.execute("CREATE SCHEMA consents")
                db.execute("CREATE TABLE consents.no (cpr text, at timestamptz DEFAULT now())")
                db.execute("CREATE TABLE consents.hidden (cpr text)")
                for number in DIRTY:
                    db.execute("INSERT INTO consents.no VALUES (%s)", (number,))
                db.execute("GRANT USAGE ON SCHEMA consents TO reader")
                db.execute("GRANT SELECT ON consents.no TO reader")
            yield f"postgres://reader@/postgres?host={base}"
        finally:
            run(str(BIN / "pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(base, ignore_errors=True)


def test_a_table_in_postgresql(
    engine: Engine, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "password"
    secret.touch(0o600)
    secret.write_text("p@ss:/word\n")
    register = {"database": postgres, "schema": "consents", "table": "no"}
    assert read(engine, **register, password_file=secret) == [ONE, TWO, THREE]
    monkeypatch.setenv("REGISTER_PASSWORD", "p@ss:/word")
    assert read(engine, **register, kind="consent", password_environment="REGISTER_PASSWORD") == [
        ONE,
        TWO,
        THREE,
    ]
    monkeypatch.setenv("REGISTER_PASSWORD", "hunter2")
    wrong = refused(engine, **register, password_environment="REGISTER_PASSWORD")
    assert wrong.code == "node-register-database"
    hidden = refused(engine, **register | {"table": "hidden"}, password_file=secret)
    assert hidden.code in ("node-register-table", "node-register-database")


# FHIR


def consent(cpr: str | None = ONE, effect: str | None = "permit", **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": SCOPE_SYSTEM, "code": "research"}]},
        "category": [{"text": "x"}],
        "provision": {"type": effect} if effect else {},
    }
    if cpr is not None:
        body["patient"] = {"identifier": {"system": CPR_SYSTEM, "value": cpr}}
    return body | changes


def bundle(*resources: Mapping[str, Any], **more: Any) -> bytes:
    entries = [{"fullUrl": f"urn:uuid:{i}", "resource": r} for i, r in enumerate(resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries} | more).encode()


def answers(*resources: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    found = read_bundle(bundle(*resources), "r", frozenset({"research", "patient-privacy"}), NOW)
    return found.permits, found.denies


YES, NO, NOTHING = ([ONE], []), ([], [ONE]), ([], [])
UNTIL, SINCE = {"end": "2026-11-24"}, {"start": "2026-11-26"}
RULE = {"coding": [{"system": RULE_SYSTEM, "code": "OPTIN"}]}

CASES: dict[str, tuple[dict[str, Any], tuple[list[str], list[str]]]] = {
    "a yes": (consent(), YES),
    "a no": (consent(effect="deny"), NO),
    "rejected": (consent(status="rejected"), NO),
    **{f"{s}": (consent(status=s), NOTHING) for s in ("draft", "proposed", "inactive", "entered-in-error")},
    "a no that was withdrawn": (consent(effect="deny", status="inactive"), NOTHING),
    "another status": (consent(status="on-hold"), NO),
    "a status of another type": (consent(status=["active"]), NO),
    "about treatment": (consent(scope={"coding": [{"system": SCOPE_SYSTEM, "code": "treatment"}]}), NOTHING),
    "of no known scope": (consent(scope={"coding": [{"system": "own", "code": "research"}]}), NO),
    "of an unknown code": (consent(scope={"coding": [{"system": SCOPE_SYSTEM, "code": "all"}]}), NO),
    "without scope": ({k: v for k, v in consent().items() if k != "scope"}, NO),
    "by rule": (consent(effect=None, policyRule=RULE), YES),
    "against its rule": (consent(effect="deny", policyRule=RULE), NO),
    "of no effect": (consent(effect=None), NO),
    "of another effect": (consent(effect="maybe"), NO),
    "over": (consent(provision={"type": "permit", "period": UNTIL}), NOTHING),
    "to come": (consent(provision={"type": "permit", "period": SINCE}), NOTHING),
    "a no that is over": (consent(provision={"type": "deny", "period": UNTIL}), NOTHING),
    "until today": (consent(provision={"type": "permit", "period": {"end": "2026-11-25"}}), YES),
    "this month": (
        consent(provision={"type": "permit", "period": {"start": "2026-11", "end": "2026-11"}}),
        YES,
    ),
    "this year": (consent(provision={"type": "permit", "period": {"start": "2026", "end": "2026"}}), YES),
    "until a second": (
        consent(provision={"type": "permit", "period": {"end": "2026-11-25T13:00:00+01:00"}}),
        YES,
    ),
    "until a second before": (
        consent(provision={"type": "permit", "period": {"end": "2026-11-25T12:59:58+01:00"}}),
        NOTHING,
    ),
    "of an unreadable period": (consent(provision={"type": "permit", "period": {"end": "25.11.2026"}}), NO),
    "of an impossible day": (consent(provision={"type": "permit", "period": {"end": "2026-02-30"}}), NO),
    **{
        f"limited by {key}": (consent(provision={"type": "permit", key: [{}]}), NO)
        for key in ("actor", "action", "securityLabel", "purpose", "class", "code", "data", "provision")
    },
    "a limited no": (consent(provision={"type": "deny", "actor": [{}]}), NO),
    "not verified": (consent(verification=[{"verified": False}]), NO),
    "verified": (consent(verification=[{"verified": True}]), YES),
    "with a modifier": (consent(modifierExtension=[{"url": "x"}]), NO),
    "under other rules": (consent(implicitRules="x"), NO),
    "with a modifier inside": (consent(provision={"type": "permit", "modifierExtension": [{}]}), NO),
    "of no provision object": (consent(provision="permit"), NO),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_consent_says(case: str) -> None:
    resource, expected = CASES[case]
    assert answers(resource) == expected


def patient(number: str, ident: str = "p") -> dict[str, Any]:
    identifiers = [{"system": "own", "value": "1"}, {"system": CPR_SYSTEM, "value": number}]
    return {"resourceType": "Patient", "id": ident, "identifier": identifiers}


@pytest.mark.parametrize("reference", ["Patient/p", "urn:uuid:1", "#c"])
def test_a_citizen_may_be_referred_to(reference: str) -> None:
    held = consent(None, patient={"reference": reference}, contained=[patient(ONE, "c")])
    assert answers(held, patient(ONE)) == YES


def test_a_consent_of_nobody_gives_nothing_and_a_refusal_of_nobody_stops() -> None:
    assert answers(consent(None)) == NOTHING
    assert answers(consent(None, patient={"reference": "Patient/elsewhere"})) == NOTHING
    foreign = {"identifier": {"system": "own", "value": ONE}}
    assert answers(consent(None, patient=foreign)) == NOTHING
    for patient_part in (
        {},
        {"patient": foreign},
        {"patient": "x"},
        {"contained": None, "patient": {"reference": "#c"}},
    ):
        with pytest.raises(SamklangError, match="node-fhir"):
            answers(consent(None, effect="deny", **patient_part))


def test_a_consent_of_two_numbers_is_a_refusal_of_both() -> None:
    both = patient(ONE)
    both["identifier"].append({"system": CPR_SYSTEM, "value": TWO})
    assert answers(consent(None, patient={"reference": "Patient/p"}), both) == ([], [ONE, TWO])


def test_two_patients_of_one_name_are_both_refused() -> None:
    """Two servers have a ``Patient/p`` each: a no must not fall on the wrong one of them alone."""
    refusal, permit = (
        consent(None, effect, patient={"reference": "Patient/p"}) for effect in ("deny", "permit")
    )
    for said in (refusal, permit):
        assert answers(said, patient(ONE), patient(TWO)) == ([], [ONE, TWO])


def test_a_withdrawn_version_of_a_consent_beats_the_one_before(engine: Engine, tmp_path: Path) -> None:
    """Exports of two days lie side by side: the yes of the first was taken back in the second."""
    first, second = consent(id="c1"), consent("010101-4000", id="c1", status="inactive")
    (tmp_path / "a.json").write_bytes(bundle(first, consent(TWO, id="c2")))
    (tmp_path / "b.json").write_bytes(bundle(second, consent(TWO, id="c3", status="inactive")))
    files = {"fhir": [tmp_path / "a.json", tmp_path / "b.json"]}
    assert read(engine, kind="consent", **files) == [TWO], "and another consent's end ends nothing of hers"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bundle(consent(), type="history"),
        bundle(consent(), type="batch-response"),
        bundle(json.loads(bundle(consent(effect="deny")))),
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"resourceType": "Consent"}',
        b'{"resourceType": "Bundle", "entry": [{}]}',
        b'{"resourceType": "Bundle", "entry": {"a": 1}}',
        b'{"resourceType": "Bundle", "resourceType": "Bundle"}',
        bundle(consent(), link=[{"relation": "next", "url": "x"}]),
        bundle({"resourceType": "OperationOutcome"}),
        b"[" * 100_000,
    ],
)
def test_what_is_no_whole_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(SamklangError, match="node-fhir"):
        read_bundle(data, "r", frozenset({"research"}), NOW)


def test_bundles_as_registers(engine: Engine, tmp_path: Path) -> None:
    """Deny wins, also over a younger yes and in another spelling of the number; several files are one."""
    (tmp_path / "a.json").write_bytes(bundle(consent(ONE), consent("020101-4000"), consent(THREE)))
    (tmp_path / "b.json").write_bytes(bundle(consent(TWO, "deny"), consent("not a number")))
    files = {"fhir": [tmp_path / "a.json", tmp_path / "b.json"]}
    assert read(engine, kind="consent", **files) == [ONE, THREE]
    assert read(engine, kind="objection", **files) == [TWO]
    (tmp_path / "b.json").write_bytes(bundle(consent("not a number", "deny")))
    for kind in ("consent", "objection"):
        assert refused(engine, kind=kind, **files).code == "node-objections-unreadable"


def test_before_a_return_registers_are_read_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "no.csv"
    file.write_text(f"cpr\n{ONE}\n")
    register = {"no": parsed({"file": file})}
    limits: dict[str, Any] = {"spill_dir": tmp_path / "spill", "threads": 1, "memory_mb": 256}
    assert len(registers_now(register, **limits)["no"].cpr) == 1
    file.write_text(f"cpr\n{ONE}\n{TWO}\n")
    assert len(registers_now(register, **limits)["no"].cpr) == 2
