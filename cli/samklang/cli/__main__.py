"""``python -m samklang.cli`` is the ``samklang`` command."""

from __future__ import annotations

import sys

from samklang.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
