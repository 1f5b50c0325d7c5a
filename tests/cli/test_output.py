"""Exit codes, errors and tables of the command line."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from argparse import Namespace
from itertools import takewhile
from pathlib import Path

import pytest

from samklang.cli import exits
from samklang.cli.main import _run, main, parser
from samklang.cli.output import Output, language, table
from samklang.errors import CATALOGUE, Position, SamklangError
from samklang.model.problems import DocumentErrors


def test_every_error_has_a_documented_exit_code() -> None:
    for code in CATALOGUE:
        assert exits.of_error(code) in exits.MEANING


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("document-invalid", exits.DOCUMENT),
        ("identity-signature", exits.DOCUMENT),
        ("transport-unreachable", exits.UNREACHABLE),
        ("transport-state", exits.DOCUMENT),
        ("transport-tls-file", exits.DOCUMENT),
        ("transport-tls-refused", exits.UNREACHABLE),
        ("transport-certificate-expired", exits.DOCUMENT),
        ("coordinator-address", exits.DOCUMENT),
        ("client-defect", exits.BUG),
        ("protocol-length", exits.FAILED),
    ],
)
def test_exit_code_by_area(code: str, expected: int) -> None:
    assert code in CATALOGUE
    assert exits.of_error(code) == expected


def test_all_problems_of_a_document_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [
        SamklangError("document-unreadable", at=Position("a.yaml", line), reason="x") for line in (3, 7)
    ]
    Output().error(DocumentErrors(problems, "a.yaml"))
    shown = capsys.readouterr().err
    assert shown.count("document-unreadable") == 2
    assert "a.yaml:3:1" in shown
    assert "a.yaml:7:1" in shown
    Output(json=True).error(DocumentErrors(problems, "a.yaml"))
    parsed = json.loads(capsys.readouterr().err)
    assert parsed["error"]["at"] == "a.yaml:3:1"
    assert [more["at"] for more in parsed["more"]] == ["a.yaml:7:1"]


def test_errors_are_danish_where_the_locale_or_the_caller_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert language({}) == language({"LANG": "C.UTF-8"}) == "en"
    assert language({"LANG": "da_DK.UTF-8"}) == "da"
    assert language({"LC_ALL": "en_DK.UTF-8", "LANG": "da_DK.UTF-8"}) == "en"
    assert language({"LC_ALL": "", "LC_MESSAGES": "da"}) == "da"
    for words, said in (([], "en"), (["--language", "da"], "da")):
        entry = CATALOGUE["document-unreadable"]
        assert main(["query", "list", "--client", "no.yaml", "--language", "en", *words]) == exits.DOCUMENT
        assert (entry.fix_da if said == "da" else entry.fix) in capsys.readouterr().err


def test_what_others_wrote_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    bad = "\x1b[2Ja\rb\x07\u202ec\x9b\ud800"
    output = Output()
    output.result({}, bad)
    output.note(bad)
    output.error(SamklangError("document-unreadable", reason=bad))
    shown = capsys.readouterr()
    assert not set(shown.out + shown.err) & set("\x1b\r\x07\u202e\x9b")
    Output().result({}, "ø\tå\næ")
    assert capsys.readouterr().out == "ø\tå\næ\n"


@pytest.mark.parametrize("words", [["--language", "da"], ["--json"]])
def test_a_terminal_without_danish_letters_is_enough(words: list[str]) -> None:
    book = Path(__file__).resolve().parents[2] / "policies" / "integrated-care" / "codebook.yaml"
    command = [sys.executable, "-m", "samklang.cli", "codebook", "show", "--file", str(book), *words]
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=plain, timeout=60)
    assert (done.returncode, done.stderr) == (exits.OK, b"")
    if "--json" in words:
        assert any("æ" in json.dumps(row, ensure_ascii=False) for row in json.loads(done.stdout))


def test_a_full_disk_is_named() -> None:
    book = Path(__file__).resolve().parents[2] / "policies" / "synthea" / "codebook.yaml"
    command = [sys.executable, "-m", "samklang.cli", "codebook", "show", "--file", str(book)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == exits.DOCUMENT
    assert "client-save-file" in done.stderr


def test_a_defect_is_no_traceback_and_repeats_no_message(capsys: pytest.CaptureFixture[str]) -> None:
    def fall(*_: object) -> int:
        raise RuntimeError("0101504444")

    assert _run(Namespace(run=fall), "en") == exits.BUG
    shown = capsys.readouterr()
    assert "RuntimeError < " in shown.err
    assert "client-defect" in shown.err
    assert "0101504444" not in shown.out + shown.err


def test_ctrl_c_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        sys.executable,
        "-c",
        "import signal, sys; from samklang.cli import main as m;"
        "m.parser = lambda lang: signal.raise_signal(signal.SIGINT); sys.exit(m.main(['query']))",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == exits.INTERRUPTED
    assert "Traceback" not in done.stderr


def test_an_error_is_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "samklang.cli", "query", "list", "--client", str(tmp_path / "no.yaml")]
    command += ["--language", "en"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == exits.DOCUMENT
    assert "Traceback" not in done.stderr
    assert "error: document-unreadable" in done.stderr
    assert CATALOGUE["document-unreadable"].fix in done.stderr
    assert done.stdout == ""
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=60)
    assert json.loads(done.stderr)["error"]["code"] == "document-unreadable"


def test_wrong_command_lines_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == exits.USAGE
    assert main(["query"]) == exits.USAGE
    with pytest.raises(SystemExit) as caught:
        main(["query", "dance"])
    assert caught.value.code == exits.USAGE
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == exits.OK
    shown = capsys.readouterr().out
    for code, meaning in exits.MEANING.items():
        assert f"{code:>3}  {meaning}" in shown
    assert main(["--version"]) == exits.OK


def actions() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def walk(here: object, path: tuple[str, ...]) -> None:
        subs = [a for a in getattr(here, "_actions", ()) if a.__class__.__name__ == "_SubParsersAction"]
        if not subs:
            found.append(path)
        for sub in subs:
            for name, inner in sub.choices.items():
                walk(inner, (*path, name))

    walk(parser(), ())
    return found


@pytest.mark.parametrize("path", actions(), ids=" ".join)
def test_every_help_has_an_example_that_parses(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*path, "--help"])
    example = capsys.readouterr().out.split("example:\n")[1].strip()
    program, *words = takewhile(lambda word: word != ">", shlex.split(example))
    assert program == "samklang"
    assert words[: len(path)] == [*path]
    assert hasattr(parser().parse_args(words), "run")


def test_tables_align_numbers_to_the_right() -> None:
    shown = table([["a", 1], ["bbb", 22]], ("name", "n"))
    assert shown.splitlines() == ["name   n", "----  --", "a      1", "bbb   22"]
