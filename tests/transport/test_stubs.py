"""The committed stubs are what the .proto files make."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def check(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "protos" / "generate.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_stubs_are_fresh() -> None:
    done = check(ROOT)
    assert done.returncode == 0, done.stderr


def test_a_stale_a_missing_and_a_left_over_stub_are_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "protos", tmp_path / "protos")
    stubs = tmp_path / "protos" / "samklang" / "v1"
    with (stubs / "nodes_pb2.py").open("a") as file:
        file.write("\n")
    (stubs / "federation_pb2.pyi").unlink()
    (stubs / "old_pb2.py").touch()
    done = check(tmp_path)
    assert done.returncode == 1
    for name in ("nodes_pb2.py", "federation_pb2.pyi", "old_pb2.py"):
        assert name in done.stderr
    assert "nodes_pb2_grpc.py" not in done.stderr
