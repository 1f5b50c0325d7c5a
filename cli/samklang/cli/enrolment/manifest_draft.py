"""The manifest's draft as text: nodes added, changed and taken out while comments and order stay."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from samklang.cli.enrolment.setup import quoted
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.model.canonical import parse_canonical
from samklang.model.enrolment import Request
from samklang.model.manifest import Manifest
from samklang.model.yaml_tree import read_tree

__all__ = ["MANIFEST", "Draft"]

MANIFEST: Final = "federation.yaml"

_ENTRY: Final = """\
  - id: {id}
    organisation: {organisation}
    label: {{en: {en}, da: {da}}}
    sectors: [{sectors}]
    identity: "{identity}"
"""


class Draft:
    """``federation.yaml`` of the operator's folder.

    Raises:
        SamklangError: ``client-file``, ``enrolment-manifest``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / MANIFEST
        try:
            self.text = self._path.read_bytes()
        except OSError as error:
            problem = error.strerror or "unreadable"
            raise SamklangError("client-file", file=self._path.name, problem=problem) from None
        self.nodes = self._read(self.text)

    def identity(self, name: str) -> str | None:
        """The identity key of a node; None if there is no such node."""
        found = [node.get("identity") for node in self.nodes if node.get("id") == name]
        return str(found[0]) if found else None

    def add(self, request: Request) -> None:
        """One node more; raises ``enrolment-known``, ``enrolment-manifest``."""
        if any(request.id == n.get("id") or request.identity == n.get("identity") for n in self.nodes):
            raise SamklangError("enrolment-known", name=request.id)
        entry = _ENTRY.format(
            id=request.id,
            organisation=request.organisation,
            en=quoted(request.label.en),
            da=quoted(request.label.da),
            sectors=", ".join(request.sectors),
            identity=request.identity,
        )
        text = self.text.rstrip() + b"\n" + entry.encode()
        after = self._read(text)
        if len(after) != len(self.nodes) + 1 or after[-1].get("identity") != request.identity:
            raise SamklangError("enrolment-manifest", file=self._path.name)
        self._change(text)

    def replace_identity(self, old: str, new: str) -> None:
        """Another identity key for the node that had ``old``."""
        if self.text.count(old.encode()) != 1:
            raise SamklangError("enrolment-manifest", file=self._path.name)
        self._change(self.text.replace(old.encode(), new.encode()))

    def remove(self, name: str) -> None:
        """One node less; raises ``enrolment-unknown``, ``enrolment-manifest``."""
        if self.identity(name) is None:
            raise SamklangError("enrolment-unknown", name=name)
        # From its dash to the next line that isn't deeper: the next entry, or the next key of the document.
        first = rf"^( *)- (?:\{{ *)?id: *[\"']?{re.escape(name)}[\"']?(?=[\s,}}#]).*\n"
        entry = re.compile((first + r"(?:\1 +.*\n|\s*\n)*").encode(), re.MULTILINE)
        text = entry.sub(b"", self.text.rstrip() + b"\n", count=1)
        after = self._read(text)
        if [n for n in self.nodes if n.get("id") != name] != after:
            raise SamklangError("enrolment-manifest", file=self._path.name)
        self._change(text)

    def write(self) -> None:
        """Put the changed draft in the file's place."""
        beside = self._path.with_name(f".{self._path.name}.new")
        beside.write_bytes(self.text)
        os.replace(beside, self._path)

    def _change(self, text: bytes) -> None:
        """Take ``text``, with a version that is higher than the signed manifest's, if there is one."""
        signed = self._folder / "manifest.json"
        if signed.is_file():
            least = parse_canonical(Envelope.from_bytes(signed.read_bytes()).payload, Manifest)
            version = least.federation.version + 1
            text = re.sub(
                rb"^( +version: *)(\d+)",
                lambda m: m.group(1) + str(max(version, int(m.group(2)))).encode(),
                text,
                count=1,
                flags=re.MULTILINE,
            )
        self.text = text
        self.nodes = self._read(text)

    def _read(self, text: bytes) -> list[dict[str, object]]:
        try:
            data = read_tree(text, str(self._path)).data
        except SamklangError:
            raise SamklangError("enrolment-manifest", file=self._path.name) from None
        nodes = data.get("nodes") if isinstance(data, dict) else None
        return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
