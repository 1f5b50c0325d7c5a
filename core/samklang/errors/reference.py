"""The tables of all errors in docs/errors.md, written from the catalogue.

``python -m samklang.errors.reference docs/errors.md`` writes anew what stands between the file's markers;
with ``--check`` it changes nothing and exits with 1 if that would change the file.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from samklang.errors.catalogue import CATALOGUE, Entry

AREAS: dict[str, tuple[str, str]] = {
    "document": ("Documents", "reading or checking a manifest, codebook, question, policy or configuration"),
    "identity": ("Keys, signatures and credentials", "whoever signs, or checks a signature or certificate"),
    "program": ("What a question asks for", "planning and submitting a question, at the node too"),
    "policy": ("A partner's policy says no", "a node, when a query is offered to it"),
    "approval": (
        "Approval by people",
        "a node whose policy leaves a query to people, and `samklang approvals`",
    ),
    "ledger": ("Privacy budget and ledger", "a node, before anything of an attempt leaves it"),
    "privacy": ("Noise", "planning a question; a node when it draws noise"),
    "protocol": ("The protocol", "a node or the coordinator, when a check of an attempt fails"),
    "node": ("A node's own data", "`samklang node check` and a node that reads its tables"),
    "transport": ("Connections and streams", "any two processes that talk to each other"),
    "coordinator": ("Queries and attempts", "the coordinator"),
    "client": ("The analyst's client", "the Python client and the command"),
    "enrolment": ("Setting up a federation", "`samklang federation`"),
    "backup": ("Backup, restore, leaving", "`samklang node` and `samklang coordinator`"),
    "audit": ("The audit log", "nodes, and whoever verifies a receipt or an export"),
    "sandbox": ("The local sandbox", "`samklang sandbox`"),
    "demo": ("The demonstration", "the demonstration on generated data"),
}
"""Prefix of the codes to title and where they arise."""

BEGIN, END = "<!-- codes -->", "<!-- end of codes -->"
_SEEN = {True: "everybody in the query", False: "this process alone"}


def tables() -> str:
    """Markdown: one section with one table per area, codes in alphabetical order.

    Raises:
        KeyError: a code has a prefix that no area has.
    """
    sections: dict[str, list[str]] = {area: [] for area in AREAS}
    for code, entry in sorted(CATALOGUE.items()):
        sections[code.split("-")[0]].append(_row(code, entry))
    return "\n\n".join(_section(area, rows) for area, rows in sections.items())


def fill(text: str) -> str:
    """``text`` with everything between its markers written anew.

    Raises:
        ValueError: a marker is missing or stands twice.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError("markers")
    return f"{text.split(BEGIN)[0]}{BEGIN}\n\n{tables()}\n\n{END}{text.split(END)[1]}"


def _section(area: str, rows: list[str]) -> str:
    title, where = AREAS[area]
    head = "| code | what happened, what to do | hvad der skete, hvad man gør | who reads the texts |"
    return "\n".join([f"### {title}", "", f"Arise at: {where}.", "", head, "|---|---|---|---|", *rows])


def _row(code: str, entry: Entry) -> str:
    english = f"{_text(entry.what)}<br>→ {_text(entry.fix)}"
    danish = f"{_text(entry.what_da)}<br>→ {_text(entry.fix_da)}"
    return f'| <a id="{code}"></a>`{code}` | {english} | {danish} | {_SEEN[entry.public]} |'


def _text(template: str) -> str:
    escaped = re.sub(r"(\|(?![^{]*\})|[*<>])", r"\\\1", template)
    many = re.compile(r"\{(\w+)(?:!r)?(?::[^|}]*\|([^}]*))?\}")
    return many.sub(lambda m: f"‹{m[1]}› {m[2]}" if m[2] else f"‹{m[1]}›", escaped)


def main(arguments: list[str]) -> int:
    """Fill or check the files that are named."""
    check = "--check" in arguments
    stale = False
    for name in (a for a in arguments if a != "--check"):
        file = Path(name)
        text = file.read_text(encoding="utf-8")
        if (new := fill(text)) != text:
            stale = True
            if not check:
                file.write_text(new, encoding="utf-8")
    return int(check and stale)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
