"""The command line of a node whose calendar of snapshots goes by another clock, without noise.

``SAMKLANG_TEST_CLOCK`` names a file with the seconds by which that clock is ahead; it is read at every look.
Only test code can do that: the clock is handed to the process's entry function.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support import quiet_main
from tests.support.quiet import NoNoise


def main() -> int:
    if sys.argv[1] != "node":
        return quiet_main.main()
    parser = argparse.ArgumentParser()
    parser.add_argument("kind")
    parser.add_argument("action")
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args()
    from samklang.node.main import run

    ahead = Path(os.environ["SAMKLANG_TEST_CLOCK"])

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(ahead.read_text()))

    return run(arguments.config, noise=NoNoise(), clock=clock)


if __name__ == "__main__":
    sys.exit(main())
