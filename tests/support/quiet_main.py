"""The command line of nodes and coordinators without noise: ``python -m tests.support.quiet_main``.

The one way to turn noise off is to hand another noise source to the process's entry function, as here.
The release shows every cell, so that small ones can be compared too.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from tests.support.quiet import NoNoise


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("node", "coordinator"))
    parser.add_argument("action", choices=("run",))
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.kind == "node":
        from samklang.node.main import run

        return run(arguments.config, noise=NoNoise())
    return coordinator(arguments.config)


def coordinator(config: Path, **clocks: Any) -> int:
    from samklang.coordinator.main import run
    from samklang.coordinator.release.rules import Rules

    Rules.threshold = lambda self, sd: -(10**9)  # type: ignore[method-assign]
    return run(config, noise=NoNoise(), **clocks)


if __name__ == "__main__":
    sys.exit(main())
