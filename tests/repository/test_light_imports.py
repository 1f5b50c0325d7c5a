"""What an analyst's laptop needs, and what must not slow down a start.

The base installation has no OpenDP and no database engine, so the client and the command must work
without them; and parts that take seconds to import stay out of start-up paths.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

EXTRAS = ("opendp", "duckdb", "ibis")
HEAVY = (*EXTRAS, "pandas", "pyarrow", "scipy", "matplotlib", "sqlglot")

BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/", timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_block_blocks() -> None:
    code = BLOCK.format(blocked=EXTRAS) + "import opendp"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/", timeout=120)
    assert "No module named 'opendp'" in done.stderr


@pytest.mark.parametrize(
    "module",
    ["samklang.analyst", "samklang.cli.main", "samklang.transport", "samklang.node.approvals.paper"],
)
def test_imports_without_the_extras(module: str) -> None:
    run(BLOCK.format(blocked=EXTRAS) + f"import {module}")


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("samklang.cli.main", ()),
        ("samklang.analyst", ("sqlglot",)),
    ],
)
def test_heavy_imports_stay_out_of_start_up(module: str, allowed: tuple[str, ...]) -> None:
    code = f"import {module}, sys, json; print(json.dumps([m for m in sys.modules if '.' not in m]))"
    loaded = set(json.loads(run(code)))
    assert loaded & (set(HEAVY) - set(allowed)) == set()


def test_help_is_answered_without_grpc_or_numpy() -> None:
    code = (
        "import sys\n"
        "from samklang.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print({'grpc', 'numpy', 'pydantic'} & set(sys.modules))"
    )
    assert run(code).splitlines()[-1] == "set()"
