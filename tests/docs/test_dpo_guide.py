"""The data-protection officer's guide works for whoever types what it says, and prints what it promises."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.docs.walk import Step, beside_project, end, matches, walk

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = (ROOT / "docs" / "dpo-guide.md").read_text(encoding="utf-8")
DANISH = (ROOT / "docs" / "dpo-guide.da.md").read_text(encoding="utf-8")
LANGUAGE = "export LC_ALL= LANG=da_DK.UTF-8\n"
SAID = {"Too fine: by town or by age, not by both": "For fint: efter by eller efter alder, ikke efter begge"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Step]]]:
    """Both pages, walked side by side: commands wait for nodes, and each for the one before, most of the
    time, so that the second page costs little on two cores."""
    bin_dir = Path(sys.executable).parent
    folders = {name: beside_project(tmp_path_factory.mktemp(name), "dpo") for name in ("english", "danish")}
    try:
        with ThreadPoolExecutor() as pool:
            pages = {"english": ENGLISH, "danish": DANISH}
            found = {n: pool.submit(lambda n: [*walk(pages[n], folders[n], bin_dir)], n) for n in folders}
            yield {name: steps.result() for name, steps in found.items()}
    finally:
        for folder in folders.values():
            end(folder, bin_dir)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["english", "danish"])
def walked(both: dict[str, list[Step]], request: pytest.FixtureRequest) -> list[Step]:
    return both[request.param]


@pytest.mark.processes
def test_every_command_prints_what_is_promised(walked: list[Step]) -> None:
    promising = [step for step in walked if step.promised]
    assert len(promising) >= 20
    for step in promising:
        if not matches(step.promised, step.printed):
            # Both are shown by pytest's comparison, which says more than the pattern.
            assert step.printed == step.promised, step.command
    for step in walked:
        assert "Traceback" not in step.printed, step.command


@pytest.mark.processes
def test_what_was_forged_is_noticed_and_what_was_not_isn_t(walked: list[Step]) -> None:
    said = {step.command: step.printed for step in walked}
    (honest,) = (printed for command, printed in said.items() if "verify log.json" in command)
    (forged,) = (printed for command, printed in said.items() if "verify forged.json" in command)
    (altered,) = (printed for command, printed in said.items() if "cp -r practice" in command)
    assert "audit-entry" in forged
    assert "audit-entry" not in honest
    assert "identity-" in altered


@pytest.mark.processes
def test_an_officer_sees_from_outside_that_it_holds_and_nobody_else_sees_anything(walked: list[Step]) -> None:
    first, again = (step.printed for step in walked if "samklang dpo check" in step.command)
    for printed in (first, again):
        marks = [line[2] for line in printed.splitlines() if re.match(r"  [+?!] ", line)]
        assert len(marks) >= 7
        assert "!" not in marks
    open_at_first, open_again = (printed.count("\n  ? ") for printed in (first, again))
    assert open_at_first == 2, "it is the first look, and no partner has seen the newest entries"
    assert open_again == 1, "no partner has seen the newest entries"
    (foreign,) = (step.printed for step in walked if "dpo-holstebro-kommune" in step.command)
    assert foreign.splitlines()[0].endswith("transport-other-organisation")


def commands(text: str) -> list[str]:
    found = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for english, danish in SAID.items():
        found = [block.replace(danish, english) for block in found]
    return [re.sub(r"/\^## [^/]+/", "/HEADING/", block.replace(LANGUAGE, "")) for block in found]


def test_both_languages_give_the_same_commands_and_files() -> None:
    assert commands(ENGLISH) == commands(DANISH)
    assert LANGUAGE in DANISH
    files = [
        re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) for text in (ENGLISH, DANISH)
    ]
    assert files[0] == files[1]
    assert len(re.findall(r"^#+ ", ENGLISH, re.MULTILINE)) == len(re.findall(r"^#+ ", DANISH, re.MULTILINE))
    assert ENGLISH.count("- [ ]") == DANISH.count("- [ ]")


def test_promises_are_in_the_page_s_own_language() -> None:
    for text, own, other in ((ENGLISH, "denied", "afvist"), (DANISH, "afvist", "denied")):
        promised = "".join(re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
        assert own in promised
        assert other not in promised


def test_the_glossary_has_the_words_that_the_law_uses() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for word in (
        *("samtykke", "formål", "hjemmel", "databeskyttelsesrådgiver", "dataansvarlig"),
        *("risikostratificering", "forløb", "diskretionering", "fortegnelse", "konsekvensanalyse"),
    ):
        assert f"| {word}" in glossary or f", {word}" in glossary, word
