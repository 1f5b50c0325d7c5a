"""The parts of the specification that are computed: ``python -m tests.core.protocol.vectors.document``.

Each stands between ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->``; ``--check`` compares.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.core.protocol.vectors import example

from samklang.protocol.messages import STAGES

SPECIFICATION = Path(__file__).parents[4] / "docs" / "spec" / "blind-stratification.md"


def messages() -> str:
    """The message table."""
    head = ["step", "stage", "from", "to", "fields", "bytes", "kind", "protected by", "recorded before"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for stage, s in STAGES.items():
        kind = "bulk" if s.bulk else "control"
        protected = "pair key" if s.sealed else "signature, HPKE"
        cells = [str(s.step), f"`{stage}`", s.sender, s.recipient, s.carries, s.size, kind, protected]
        lines.append("| " + " | ".join([*cells, s.durable or "–"]) + " |")
    return "\n".join(lines)


BLOCKS = {"messages": messages, "example": example.markdown}


def updated(text: str) -> str:
    """``text`` with every block as it is computed now.

    Raises:
        ValueError: a block isn't there exactly once.
    """
    for name, make in BLOCKS.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"the block {name} must stand there once")
        before, rest = text.split(begin)
        _, after = rest.split(end)
        text = f"{before}{begin}\n\n{make()}\n\n{end}{after}"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    text = SPECIFICATION.read_text()
    if not check:
        SPECIFICATION.write_text(updated(text))
    elif updated(text) != text:
        print(f"{SPECIFICATION.name} isn't what the code computes", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
