"""The manifest's draft as text: nodes and evaluators added, changed, taken out; comments and order stay."""

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

_EVALUATOR: Final = """\
{pad}- organisation: {organisation}
{pad}  label: {{en: {en}, da: {da}}}
{pad}  identity: "{identity}"
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
        self.nodes, self.evaluators = self._read(self.text)

    def identity(self, name: str, kind: str = "node") -> str | None:
        """The identity key of a node or evaluator; None if there is none of that name."""
        if kind == "node":
            found = [node.get("identity") for node in self.nodes if node.get("id") == name]
        else:
            found = [one.get("identity") for one in self.evaluators if one.get("organisation") == name]
        return str(found[0]) if found else None

    def add(self, request: Request) -> None:
        """One node or evaluator more; raises ``enrolment-known``, ``enrolment-manifest``,
        ``enrolment-evaluators``."""
        if request.kind == "evaluator":
            self._add_evaluator(request)
            return
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
        after, _ = self._read(text)
        if len(after) != len(self.nodes) + 1 or after[-1].get("identity") != request.identity:
            raise SamklangError("enrolment-manifest", file=self._path.name)
        self._change(text)

    def replace_identity(self, old: str, new: str) -> None:
        """Another identity key for the node that had ``old``."""
        if self.text.count(old.encode()) != 1:
            raise SamklangError("enrolment-manifest", file=self._path.name)
        self._change(self.text.replace(old.encode(), new.encode()))

    def remove(self, name: str, kind: str = "node") -> None:
        """One node or evaluator less; raises ``enrolment-unknown``, ``enrolment-manifest``,
        ``enrolment-evaluators``."""
        if self.identity(name, kind) is None:
            raise SamklangError("enrolment-unknown", name=name)
        key = "id" if kind == "node" else "organisation"
        # From its dash to the next line that isn't deeper: the next entry, or the next key of the document.
        first = rf"^( *)- (?:\{{ *)?{key}: *[\"']?{re.escape(name)}[\"']?(?=[\s,}}#]).*\n"
        entry = re.compile((first + r"(?:\1 +.*\n|\s*\n)*").encode(), re.MULTILINE)
        text = entry.sub(b"", self.text.rstrip() + b"\n", count=1)
        nodes, evaluators = self.nodes, self.evaluators
        if kind == "node":
            nodes = [n for n in nodes if n.get("id") != name]
        else:
            evaluators = [e for e in evaluators if e.get("organisation") != name]
            if not evaluators:
                text = re.sub(rb"^evaluators:.*\n", b"", text, count=1, flags=re.MULTILINE)
        if self._read(text) != (nodes, evaluators):
            if kind == "node":
                raise SamklangError("enrolment-manifest", file=self._path.name)
            raise SamklangError("enrolment-evaluators", file=self._path.name)
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
        self.nodes, self.evaluators = self._read(text)

    def _add_evaluator(self, request: Request) -> None:
        """Below the key ``evaluators``, which is made above ``nodes`` if it isn't there."""
        others = (*self.nodes, *self.evaluators)
        if any(request.organisation == o.get("organisation") for o in others) or (
            request.identity.encode() in self.text
        ):
            raise SamklangError("enrolment-known", name=request.id)
        text = self.text
        if not re.search(rb"^evaluators:", text, re.MULTILINE):
            text = re.sub(rb"^nodes:", b"evaluators:\nnodes:", text, count=1, flags=re.MULTILINE)
        head = re.search(
            rb"^evaluators:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*(?=(?P<pad> *)- )?", text, re.MULTILINE
        )
        if head is None:
            raise SamklangError("enrolment-evaluators", file=self._path.name)
        pad = head["pad"]
        entry = _EVALUATOR.format(
            pad="  " if pad is None else pad.decode(),
            organisation=request.organisation,
            en=quoted(request.label.en),
            da=quoted(request.label.da),
            identity=request.identity,
        )
        text = text[: head.end()] + entry.encode() + text[head.end() :]
        nodes, evaluators = self._read(text)
        added = {"organisation": request.organisation, "identity": request.identity}
        if (
            nodes != self.nodes
            or evaluators[1:] != self.evaluators
            or {key: evaluators[0].get(key) for key in added} != added
        ):
            raise SamklangError("enrolment-evaluators", file=self._path.name)
        self._change(text)

    def _read(self, text: bytes) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """(nodes, evaluators)"""
        try:
            data = read_tree(text, str(self._path)).data
        except SamklangError:
            raise SamklangError("enrolment-manifest", file=self._path.name) from None
        found = [data.get(key) if isinstance(data, dict) else None for key in ("nodes", "evaluators")]
        nodes, evaluators = (
            [one for one in many if isinstance(one, dict)] if isinstance(many, list) else [] for many in found
        )
        return nodes, evaluators
