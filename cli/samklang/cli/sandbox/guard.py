"""Run a command that ends when its parent does: ``python guard.py PARENT_PID COMMAND...``.

Asks the kernel for SIGTERM at the parent's death (prctl(2), PR_SET_PDEATHSIG, which survives execve) and
becomes the command. A program of its own, because the parent may have gRPC threads and must not fork with
Python code in between. It uses the standard library alone and starts in a few milliseconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Never returns."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != parent:  # it died before the call above
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
