"""Makes the known-answer vectors: ``python -m tests.core.protocol.vectors.make [--check]``.

Outputs come from the project's own functions; the tests then ask both implementations.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.core.protocol.vectors import federation, first, inputs, inputs_joint
from tests.core.protocol.vectors.inputs import Case

from samklang.errors import SamklangError
from samklang.protocol.describe import describe

HERE = Path(__file__).parent
FILES: dict[str, Callable[[], Iterator[Case]]] = {
    "keys": inputs.key_cases,
    "seals": inputs.seal_cases,
    "shuffles": inputs.shuffle_cases,
    "linking": inputs_joint.linking_cases,
    "axes": inputs_joint.axis_cases,
    "tables": inputs_joint.table_cases,
    "cells": inputs_joint.cell_cases,
    "measures": inputs_joint.measure_cases,
    "noise": inputs_joint.noise_cases,
}


def answer(function: str, given: Any) -> dict[str, Any]:
    """``output``, or the code of the ``error``."""
    try:
        return {"output": first.function(function)(given)}
    except SamklangError as error:
        return {"error": error.code}


def texts() -> dict[str, str]:
    """What every file must say."""
    out = {}
    for name, cases in FILES.items():
        made = [{"function": f, "name": n, "input": i, **answer(f, i)} for f, n, i in cases()]
        out[name] = "[\n" + ",\n".join(json.dumps(m, ensure_ascii=False) for m in made) + "\n]\n"
    program = federation.program()
    said = {"description": describe(program), "digest": program.digest()}
    out["program"] = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    status = 0
    for name, text in texts().items():
        path = HERE / f"{name}.json"
        if not check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{path.name} isn't what the code computes", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
