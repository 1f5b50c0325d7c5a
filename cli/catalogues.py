"""Compile the gettext catalogues: ``python cli/catalogues.py`` writes every ``*.mo`` beside its ``*.po``.

``--check`` writes nothing and fails where one is out of date, or a text has lost a field of its original.
"""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("core", "transport", "node", "coordinator", "analyst", "cli")

_FIELD = re.compile(r"\{(\w*)[^}]*\}")


def compiled(source: Path) -> tuple[bytes, list[str]]:
    """(the compiled catalogue, what is wrong with its texts)."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale="da", abort_invalid=True)
    wrong = []
    twice = Counter(re.findall(r'^msgid (.*(?:\n".*)*)', source.read_text(encoding="utf-8"), re.MULTILINE))
    wrong += [f"stands twice: {text}" for text, times in twice.items() if times > 1]
    for message in catalogue:
        for english, danish in _forms(message):
            if english and not danish:
                wrong.append(f"no Danish: {english}")
            if english and sorted(_FIELD.findall(english)) != sorted(_FIELD.findall(danish)):
                wrong.append(f"other fields: {english}")
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue(), wrong


def _forms(message: Message) -> list[tuple[str, str]]:
    """(English, Danish), of a counted text for one and for many."""
    if isinstance(message.id, tuple | list) and isinstance(message.string, tuple | list):
        return [*zip(map(str, message.id), map(str, message.string), strict=True)]
    return [(str(message.id), str(message.string))]


def main(words: list[str]) -> int:
    """Compile or check all; returns the exit code."""
    problems = []
    for source in sorted(path for part in PARTS for path in (ROOT / part / "samklang").rglob("*.po")):
        data, wrong = compiled(source)
        target = source.with_suffix(".mo")
        problems += [f"{source.relative_to(ROOT)}: {text}" for text in wrong]
        if "--check" not in words:
            target.write_bytes(data)
        elif not target.exists() or target.read_bytes() != data:
            problems.append(f"{target.relative_to(ROOT)} is out of date: python cli/catalogues.py")
    for problem in problems:
        print(problem, file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
