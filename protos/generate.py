"""Generates the stubs beside the ``.proto`` files; ``--check`` says whether the committed ones are fresh.

Usage: ``python protos/generate.py [--check]``. Exit code 1 if a committed stub differs, byte for byte, from
what the installed grpcio-tools and mypy-protobuf make, or if one is missing or left over.
"""

from __future__ import annotations

import os
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = Path("samklang/v1")
SUFFIXES = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi")


def generate(into: Path) -> None:
    """Write the stubs of all ``.proto`` files under ``into``, in the same tree."""
    from grpc_tools import protoc  # type: ignore[import-untyped]

    # protoc finds the mypy plugins by name, beside the interpreter that runs this.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    protos = sorted(str(p.relative_to(HERE)) for p in (HERE / PACKAGE).glob("*.proto"))
    code = protoc.main(
        [
            "protoc",
            f"--proto_path={HERE}",
            f"--proto_path={files('grpc_tools') / '_proto'}",
            f"--python_out={into}",
            f"--grpc_python_out={into}",
            f"--mypy_out=quiet:{into}",
            f"--mypy_grpc_out=quiet:{into}",
            *protos,
        ]
    )
    if code:
        raise SystemExit(code)


def stubs(root: Path) -> dict[str, bytes]:
    """Name to content of the stubs under ``root``."""
    return {p.name: p.read_bytes() for p in (root / PACKAGE).iterdir() if p.name.endswith(SUFFIXES)}


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not arguments:
        generate(HERE)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh, committed = stubs(Path(folder)), stubs(HERE)
    wrong = sorted(n for n in fresh.keys() | committed.keys() if fresh.get(n) != committed.get(n))
    for name in wrong:
        print(f"{PACKAGE / name}: not what generate.py makes; run python protos/generate.py", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
