"""The demonstration federation of deploy/compose/demo.yaml, running."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Self

from tests.containers.engine import Engine

FILE = "demo.yaml"
NODES = ("odense-kommune", "region-syddanmark", "almen-praksis")
SERVICES = ("coordinator", *NODES)


class Federation:
    """Up between ``with`` and the end of its block; volumes and all are gone afterwards."""

    def __init__(self, docker: Engine) -> None:
        self.docker = docker
        docker.environment["RESIDENTS"] = "20000"

    def __enter__(self) -> Self:
        self.compose("down", "--volumes", "--remove-orphans", check=False)
        self.compose("up", "--no-build", "--detach")
        try:
            self.await_well()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.compose("down", "--volumes", "--remove-orphans", check=False)

    def compose(self, *words: str, check: bool = True) -> str:
        return self.docker.compose(FILE, *words, check=check)

    def container(self, service: str) -> str:
        return self.compose("ps", "--quiet", service).strip()

    def state(self, service: str) -> dict[str, Any]:
        found: Any = self.docker.inspect(self.container(service))["State"]
        return dict(found)

    def await_well(self, *services: str, seconds: float = 120) -> None:
        """Until the health checks of ``services`` (all) say so."""
        end = time.monotonic() + seconds
        waiting = list(services or SERVICES)
        while waiting:
            waiting = [s for s in waiting if self.state(s)["Health"]["Status"] != "healthy"]
            if waiting and time.monotonic() > end:
                logs = self.compose("logs", "--tail", "5", *waiting, check=False)
                raise AssertionError(f"not well after {seconds} s: {waiting}\n{logs[-4000:]}")
            time.sleep(0.5 if waiting else 0)

    def ask(self, question: Path | str) -> dict[str, Any]:
        """The release of one question, asked by the analyst's container."""
        words = ["run", "--rm", "-T", "analyst", "query", "submit", str(question), "--watch", "--json"]
        answer: dict[str, Any] = json.loads(self.compose(*words).strip().splitlines()[-1])
        return answer

    def at(self, service: str, *words: str) -> Any:
        """What ``samklang WORDS --json`` says inside a service's container."""
        return json.loads(self.docker("exec", self.container(service), "samklang", *words, "--json"))
