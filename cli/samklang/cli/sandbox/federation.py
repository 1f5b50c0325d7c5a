"""A federation of real processes on 127.0.0.1, from a folder of documents and data.

    with Sandbox("policies/synthea", data="data/synthea") as sandbox:
        release = sandbox.ask("S1")

Coordinator and nodes are started as any partner would start them, with throwaway keys, on a port that the
kernel chooses; when the block ends all of them are gone, whatever happened in it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from samklang.analyst import Client, Release, connect
from samklang.analyst.status import Status
from samklang.cli.sandbox.askers import purpose_of
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import COORDINATOR, Material, make
from samklang.cli.sandbox.processes import Managed, stop_all
from samklang.cli.texts import Language, say
from samklang.model.calendar import COPENHAGEN
from samklang.model.query import Draft

ENTRY = ("-m", "samklang.cli")
"""What follows the interpreter; before ``coordinator run --config FILE`` and ``node run --config FILE``."""


class Sandbox:
    """One federation, running between ``with`` and the end of its block.

    Args:
        folder: documents, see :mod:`samklang.cli.sandbox.folder`.
        workdir: keeps keys, configurations, state and logs there (it must be empty); a temporary folder
            that is removed afterwards if None.
        data: what the files of the nodes are relative to; ``folder/data`` by default.
        federation: the manifest's file name in the folder.
        entry: arguments of the interpreter that lead to the command line; tests have their own.
        environment: the children's environment; this process's if None.
        ready_seconds: how long any process may take to be ready.
        progress: called with one line of text at every step, in ``lang``.

    Raises (when entered):
        SamklangError: what is wrong with a document, or ``sandbox-process-ended``, ``sandbox-process-slow``.
    """

    def __init__(
        self,
        folder: Path | str,
        workdir: Path | str | None = None,
        *,
        data: Path | str | None = None,
        federation: str = "federation.yaml",
        entry: Sequence[str] = ENTRY,
        environment: Mapping[str, str] | None = None,
        ready_seconds: float = 120.0,
        progress: Callable[[str], None] = lambda _: None,
        lang: Language = "en",
    ) -> None:
        self.blueprint = read_folder(Path(folder), Path(data) if data else None, federation)
        self._keep = workdir is not None
        self._given = Path(workdir) if workdir is not None else None
        self._entry = entry
        self._environment = environment
        self._ready_seconds = ready_seconds
        self._progress = progress
        self._lang = lang
        self._clients: dict[Path, Client] = {}
        self._material: Material | None = None
        self.address = ""
        self.workdir = Path()
        self.processes: dict[str, Managed] = {}

    def __enter__(self) -> Self:
        self.workdir = self._given or Path(tempfile.mkdtemp(prefix="samklang-"))
        try:
            today = datetime.now(COPENHAGEN).date()
            self._material = make(self.blueprint, self.workdir, today=today)
            self._say("keys, certificates and configurations in {folder}", folder=self.workdir)
            self._start_coordinator()
            for node in self.material.nodes:
                self.start(node)
            for node in self.material.nodes:
                self.await_ready(node)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def material(self) -> Material:
        """Keys, documents and configurations; only while the sandbox is up."""
        assert self._material is not None, "enter the sandbox first"
        return self._material

    @property
    def client_config(self) -> Path:
        """The analyst's configuration file."""
        return self.material.client

    @property
    def client(self) -> Client:
        """The usual analyst's client."""
        return self._connected(self.client_config)

    def client_for(self, question: Draft | Path | str) -> Client:
        """The client of an analyst who may ask ``question``, as the policies name them for its purpose."""
        purpose = purpose_of(self.resolve(question))
        return self._connected(self.material.clients.get(purpose, self.client_config))

    def ask(self, question: Draft | Path | str, on_change: Callable[[Status], None] | None = None) -> Release:
        """Ask, as :meth:`client_for` says, and wait for the released table.

        Args:
            question: a draft, a file, or the name of one of the folder's queries.
            on_change: called with every status.
        """
        return self.client_for(question).ask(self.resolve(question), on_change)

    def resolve(self, question: Draft | Path | str) -> Draft | Path:
        """A question by name becomes its file."""
        if isinstance(question, str):
            return self.blueprint.query(question)
        return question

    def start(self, name: str) -> Managed:
        """Start a node or the coordinator (again); it isn't ready yet, see :meth:`await_ready`."""
        if name == COORDINATOR:
            process = self._start(name, "coordinator", self.material.coordinator)
        else:
            process = self._start(name, "node", self.material.nodes[name])
        self._say("started {name} (process {pid})", name=name, pid=process.pid)
        return process

    def await_ready(self, name: str) -> None:
        """Return when a node is linked, or the coordinator listens."""
        said = self.processes[name].ready(self._ready_seconds)
        if name in self.material.officers and "oversight" in said:
            self.material.write_oversight(name, str(said["oversight"]))
        self._say("{name} is ready", name=name)

    def stop(self, name: str, grace: float = 5.0) -> int:
        """Stop one process (``coordinator`` or a node); returns its exit code."""
        return self.processes.pop(name).stop(grace)

    def watch_over(self) -> None:
        """Return never, but raise ``sandbox-process-ended`` when a process ends by itself."""
        while True:
            for process in self.processes.values():
                if (exit_code := process.process.poll()) is not None:
                    raise process.ended(exit_code)
            time.sleep(0.5)

    def close(self) -> None:
        """Stop everything; the working folder is removed unless it was given."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        # Nodes first: a coordinator that goes away under them would only fill their logs.
        nodes = [process for name, process in self.processes.items() if name != COORDINATOR]
        stop_all(nodes)
        stop_all([process for process in self.processes.values() if process not in nodes])
        self.processes.clear()
        if not self._keep and self.workdir != Path():
            shutil.rmtree(self.workdir, ignore_errors=True)

    def _connected(self, config: Path) -> Client:
        if config not in self._clients:
            self._clients[config] = connect(config)
        return self._clients[config]

    def _say(self, text: str, **values: object) -> None:
        self._progress(say(self._lang, text, **values))

    def _start_coordinator(self) -> None:
        process = self.start(COORDINATOR)
        self.address = str(process.ready(self._ready_seconds)["address"])
        self.material.write_addresses(self.address)
        self._say("{name} listens on {address}", name=COORDINATOR, address=self.address)

    def _start(self, name: str, kind: str, config: Path) -> Managed:
        command = [sys.executable, *self._entry, kind, "run", "--config", str(config)]
        log = config.parent / "log.jsonl"
        process = Managed(name, command, log, environment=self._environment)
        self.processes[name] = process
        return process
