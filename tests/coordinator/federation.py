"""Starts a ring federation (:mod:`tests.coordinator.ring`) as real processes with real certificates."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.coordinator.ring import COORDINATOR

from samklang.identity.pki import LOCAL_HOSTS, Authority, Issued, Kind
from samklang.transport.options import open_sync_channel
from samklang.transport.status import from_rpc_error
from samklang.transport.tls import TlsFiles

import grpc  # isort: skip
from samklang.v1 import federation_pb2 as v1  # isort: skip
from samklang.v1 import federation_pb2_grpc as v1_grpc  # isort: skip

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A child in a group of its own; its log is a file."""

    def __init__(self, kind: str, config: Path, log: Path) -> None:
        self.log = log
        with log.open("ab") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "tests.coordinator.ring", kind, str(config)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def running(self) -> bool:
        return self._child.poll() is None

    def ready(self, seconds: float = 90) -> dict[str, Any]:
        assert self._child.stdout
        found, _, _ = select.select([self._child.stdout], [], [], seconds)
        line = self._child.stdout.readline() if found else b""
        if not line:
            raise AssertionError(f"not ready: {self.text()[-2000:]}")
        ready: dict[str, Any] = json.loads(line)
        return ready

    def text(self) -> str:
        return self.log.read_text()

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one event."""
        found = [json.loads(line) for line in self.text().splitlines()]
        return [line for line in found if line.get("event") == event]

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = 60) -> int:
        return self._child.wait(seconds)

    def end(self) -> int:
        """SIGTERM, and SIGKILL if that isn't enough."""
        if self._child.poll() is None:
            self.signal(signal.SIGCONT)
            self._child.terminate()
            try:
                self._child.wait(30)
            except subprocess.TimeoutExpired:
                self._child.kill()
        code = self._child.wait(30)
        if self._child.stdout:
            self._child.stdout.close()
        return code


class RingFederation:
    """Certificates and configurations in ``folder``; processes as asked for."""

    def __init__(self, folder: Path, nodes: list[str], **settings: Any) -> None:
        self.folder = folder
        self.nodes = nodes
        self.authority = Authority.create("ring", days=1, now=datetime.now(UTC))
        (folder / "ca.pem").write_bytes(self.authority.certificate)
        self.processes: dict[str, Process] = {}
        self._all: list[Process] = []
        self.address = ""
        self.issue("coordinator", COORDINATOR)
        for node in nodes:
            self.issue("node", node)
        for analyst in ("anna", "bo"):
            self.issue("analyst", analyst)
        self._settings = settings

    def issue(
        self,
        kind: Kind,
        name: str,
        *,
        as_name: str = "",
        days: int = 1,
        seconds: int = 0,
        now: datetime | None = None,
    ) -> TlsFiles:
        """A certificate; ``as_name``, ``days`` or ``seconds`` that it is good for, ``now``: unusual ones."""
        hosts = LOCAL_HOSTS if kind == "coordinator" else ()
        now = now or datetime.now(UTC)
        if seconds:
            now += timedelta(seconds=seconds) - timedelta(days=days)
        return self.write(
            name, self.authority.issue(kind, as_name or name, "org", days=days, now=now, hosts=hosts)
        )

    def write(self, name: str, issued: Issued) -> TlsFiles:
        files = self.files(name)
        files.key.unlink(missing_ok=True)
        issued.write(files.certificate, files.key)
        return files

    def files(self, name: str) -> TlsFiles:
        folder = self.folder
        return TlsFiles(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}.key")

    def start(self, name: str, *, wait: bool = True, **changes: Any) -> Process:
        """Start the coordinator (:data:`COORDINATOR`) or a node."""
        files = self.files(changes.pop("certificate", name))
        config = {
            "me": name,
            "ca": str(files.ca),
            "certificate": str(files.certificate),
            "key": str(files.key),
            "notes": str(self.folder / f"{name}.notes"),
            "settings": self._settings if name == COORDINATOR else {},
        }
        if name == COORDINATOR:
            port = self.address.rpartition(":")[2] or "0"
            config |= {
                "listen": f"127.0.0.1:{port}",
                "nodes": self.nodes,
                "state": str(self.folder / "state"),
            }
        else:
            config |= {"coordinator": self.address}
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(config | changes))
        kind = "coordinator" if name == COORDINATOR else "node"
        process = Process(kind, path, self.folder / f"{name}.log")
        self.processes[name] = process
        self._all.append(process)
        if wait:
            ready = process.ready()
            if name == COORDINATOR:
                self.address = ready["address"]
        return process

    def start_all(self) -> None:
        self.start(COORDINATOR)
        for node in self.nodes:
            self.start(node, wait=False)
        for node in self.nodes:
            self.processes[node].ready()

    def end(self) -> None:
        for process in reversed(self._all):
            process.end()

    def charges(self, node: str) -> list[str]:
        notes = self.folder / f"{node}.notes"
        return notes.read_text().splitlines() if notes.exists() else []

    @contextmanager
    def analyst(self, name: str = "anna") -> Iterator[Analyst]:
        with open_sync_channel(self.address, self.files(name)) as channel:
            yield Analyst(name, v1_grpc.FederationStub(channel), self.nodes)


class Analyst:
    def __init__(self, name: str, stub: Any, nodes: list[str]) -> None:
        self.name, self.stub, self._nodes = name, stub, nodes

    def submit(self, size: int = 3 << 20, **question: Any) -> str:
        document = {"analyst": self.name, "nodes": self._nodes, "size": size, "nonce": time.time_ns()}
        bundle = json.dumps(document | question).encode()
        try:
            return str(self.stub.Submit(v1.SubmitRequest(bundle=bundle), timeout=60).query_id)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None

    def watch(self, query: str, seconds: float = 60) -> list[v1.QueryStatus]:
        """All statuses until the query has ended."""
        try:
            return list(self.stub.Watch(v1.WatchRequest(query_id=query), timeout=seconds))
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None

    def until(self, query: str, state: str, seconds: float = 30) -> v1.QueryStatus:
        """Wait for a state on the way."""
        for status in self.stub.Watch(v1.WatchRequest(query_id=query), timeout=seconds):
            if v1.QueryState.Name(status.state) == f"QUERY_STATE_{state}":
                return status  # type: ignore[no-any-return]
        raise AssertionError(f"never {state}")

    def ask(self, seconds: float = 60, **question: Any) -> v1.QueryStatus:
        """Submit, wait for the end."""
        return self.watch(self.submit(**question), seconds)[-1]

    def release(self, query: str) -> dict[str, Any]:
        try:
            answer = self.stub.GetRelease(v1.GetReleaseRequest(query_id=query), timeout=60)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None
        release: dict[str, Any] = json.loads(answer.release)
        return release

    def call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request, timeout=60)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None


def state_of(status: v1.QueryStatus) -> str:
    return v1.QueryState.Name(status.state).removeprefix("QUERY_STATE_").lower()


def codes_of(status: v1.QueryStatus) -> list[str]:
    return [reason.code for reason in status.reasons]
