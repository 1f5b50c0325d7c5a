"""A container engine for tests: the one that runs, or one started here and ended afterwards.

The images' real base can't be taken for granted where tests run. A stand-in is made from Debian's own
packages and tagged with the base's name, so that the product's Dockerfile stays as people will use it; this
machine's certificates go into the stand-in and into nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = "python:3.11-slim-bookworm"
CACHE = Path(tempfile.gettempdir()) / "samklang-containers"
PACKAGES = ("docker.io", "docker-compose", "mmdebstrap", "iproute2", "iptables", "prometheus")
DOCKER = "/usr/bin/docker"
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")

_LIMITS = {
    "nofile": {"Name": "nofile", "Soft": 1024, "Hard": 4096},
    "nproc": {"Name": "nproc", "Soft": 4096, "Hard": 8192},
}


class Engine:
    """The engine behind ``socket``."""

    def __init__(self, socket: Path) -> None:
        self.environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}", "DOCKER_BUILDKIT": "1"}

    def __call__(self, *words: str, check: bool = True, seconds: float = 300) -> str:
        """Run ``docker WORDS``; returns what it prints."""
        return self.run([DOCKER, *words], check=check, seconds=seconds)

    def compose(self, file: str, *words: str, check: bool = True, seconds: float = 300) -> str:
        """Run docker-compose on a file of deploy/compose."""
        command = ["docker-compose", "-p", "samklangtest", "-f", str(ROOT / "deploy/compose" / file), *words]
        return self.run(command, check=check, seconds=seconds)

    def run(self, command: Sequence[str], *, check: bool, seconds: float) -> str:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=seconds, cwd=ROOT
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def inspect(self, name: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(self("inspect", name))[0]
        return found

    def build(self, target: str, tag: str, context: Path = ROOT, *arguments: str) -> None:
        """Build one of the two images with the recipe of ``context``."""
        recipe = str(context / "deploy/Dockerfile")
        words = ["build", "--network", "host", "--quiet", "-f", recipe, "--target", target, "-t", tag]
        self(*words, *arguments, str(context), seconds=1500)


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine with the base image; skips, saying why, where none can be had."""
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        pytest.skip("containers: an engine is only started as root on Debian")
    if missing := [name for name in ("dockerd", "docker-compose", "mmdebstrap") if not shutil.which(name)]:
        _apt(missing)
    CACHE.mkdir(mode=0o700, exist_ok=True)
    process, running = _start()
    try:
        _base(running)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _apt(missing: Sequence[str]) -> None:
    quiet = {"capture_output": True, "timeout": 600}
    subprocess.run(["apt-get", "update"], **quiet)  # type: ignore[call-overload]
    install = ["apt-get", "install", "--no-install-recommends", "--yes", *PACKAGES]
    if subprocess.run(install, **quiet).returncode:  # type: ignore[call-overload]
        pytest.skip(f"containers: {', '.join(missing)} can't be installed here")


def _start() -> tuple[subprocess.Popen[bytes], Engine]:
    config, socket = CACHE / "dockerd.json", CACHE / "docker.sock"
    settings = {
        "data-root": str(CACHE / "data"),
        "exec-root": str(CACHE / "exec"),
        "pidfile": str(CACHE / "docker.pid"),
        "hosts": [f"unix://{socket}"],
        "storage-driver": "overlay2",
        "default-ulimits": _LIMITS,
        "bip": "172.30.0.1/24",
    }
    config.write_text(json.dumps(settings), encoding="utf-8")
    (CACHE / "docker.pid").unlink(missing_ok=True)
    with (CACHE / "dockerd.log").open("wb") as log:
        process = subprocess.Popen(
            ["dockerd", "--config-file", str(config)], stdout=log, stderr=log, start_new_session=True
        )
    running = Engine(socket)
    for _ in range(120):
        if process.poll() is not None:
            break
        if "Server Version" in running("info", check=False):
            return process, running
        time.sleep(0.5)
    process.kill()
    pytest.skip("containers: the engine can't be started here")


def _base(running: Engine) -> None:
    if running("images", "--quiet", BASE).strip():
        return
    tar = CACHE / "base.tar"
    if not tar.exists():
        made = tar.with_suffix(".new")
        include = "--include=ca-certificates,python3-venv,python3-pip"
        command = ["mmdebstrap", "--variant=minbase", "--format=tar", include, "bookworm", str(made)]
        running.run(command, check=True, seconds=600)
        made.rename(tar)
    running("import", str(tar), "samklang-base-raw")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(BUNDLE, folder)
        Path(folder, "Dockerfile").write_text(
            f"FROM samklang-base-raw\nCOPY {BUNDLE.name} {BUNDLE}\n"
            f"ENV PIP_CERT={BUNDLE} SSL_CERT_FILE={BUNDLE}\n"
        )
        running("build", "--quiet", "-t", BASE, folder)
