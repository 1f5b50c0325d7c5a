"""``samklang approvals sign`` on an approver's own machine: shown, asked, signed; in English and Danish."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.node.test_approval_paper import Node
from tests.node.test_approvals import PEOPLE

from samklang.cli import exits
from samklang.cli.main import main


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = Node(tmp_path_factory.mktemp("node"))
    yield node
    node.close()


@pytest.fixture
def desk(made: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    """A machine with the request's file and two keys, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    Path("request.json").write_bytes(made.paper())
    for person in ("ann", "bo"):
        PEOPLE[person].save(Path(f"{person}.key"))
    return made


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["approvals", *words])
    out, err = capsys.readouterr()
    return code, out, err


SIGN = ("sign", "request.json", "--key", "ann.key")


def test_where_nobody_sits_the_code_says_that_it_was_read(
    desk: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = desk.desk.case(desk.request.id).seen
    for words in ((), ("--seen", "0" * 8)):
        code, _, error = run(capsys, *SIGN, *words)
        assert (code, "approval-unseen" in error) == (exits.DENIED, True)
    assert not Path("decision.json").exists()
    code, out, _ = run(capsys, *SIGN, "--seen", seen, "--json")
    assert code == exits.OK
    assert json.loads(out) == {
        "file": "decision.json",
        "id": desk.request.id,
        "node": "region",
        "person": "ann",
        "seen": seen,
        "word": "approve",
    }
    code, _, error = run(capsys, *SIGN, "--seen", seen)
    assert (code, "client-file-exists" in error) == (exits.DOCUMENT, True)
    assert desk.enter(Path("decision.json").read_bytes()).state == "approved"
    Path("request.json").write_bytes(desk.paper())
    for file, words in (("back.json", ("--withdraw",)), ("no.json", ("--reject", "--reason", "too fine"))):
        code, _, _ = run(capsys, *SIGN, *words, "--seen", seen, "--out", file)
        assert code == exits.OK
    assert desk.enter(Path("back.json").read_bytes()).state == "waiting"


@pytest.mark.parametrize(
    ("lang", "words", "question", "heading", "yes", "no"),
    [
        ("en", (), "Do you approve exactly this?", "What it costs", "yes", "no"),
        ("da", (), "Godkender du præcis dette?", "Hvad det koster", "ja", "nej"),
        ("da", ("--reject", "--why", "For fint"), "Siger du nej til præcis", "Hvad det koster", "ja", "x"),
    ],
)  # fmt: skip
def test_a_person_reads_it_in_words_and_is_asked(
    desk: Node,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    words: tuple[str, ...],
    question: str,
    heading: str,
    yes: str,
    no: str,
) -> None:
    sign = ("sign", "request.json", "--key", "bo.key", "--language", lang, *words)
    monkeypatch.setattr(sys, "stdin", Terminal(f"{no}\n"))
    code, _, error = run(capsys, *sign)
    assert code == exits.DENIED
    assert question in error
    assert heading in error
    assert not Path("decision.json").exists()
    monkeypatch.setattr(sys, "stdin", Terminal(f"{yes}\n"))
    code, out, error = run(capsys, *sign)
    assert code == exits.OK, error
    assert "bo" in out
    assert "region" in out
    assert Path("decision.json").exists()


def test_what_can_not_be_decided_is_told_before_it_is_asked(
    desk: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = run(capsys, *SIGN, "--reject")
    assert (code, "approval-text" in error) == (exits.DENIED, True)
    Path("request.json").write_bytes(b"{}")
    code, _, error = run(capsys, *SIGN, "--language", "da")
    assert (code, "approval-paper" in error) == (exits.DOCUMENT, True)
    assert "den er ikke en anmodning om godkendelse" in error
    Path("request.json").unlink()
    code, _, error = run(capsys, *SIGN)
    assert (code, "client-file" in error) == (exits.DOCUMENT, True)
    with pytest.raises(SystemExit) as caught:
        main(["approvals", *SIGN, "--reject", "--withdraw"])
    assert caught.value.code == exits.USAGE
