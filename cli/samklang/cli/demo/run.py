"""The demonstration: a generated Odense, four real processes, three questions, tables, pictures, files."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli.demo.crosstab import crosstab
from samklang.cli.demo.distance import Distance, distance
from samklang.cli.demo.exact import exact_table
from samklang.cli.demo.population import RESIDENTS, generate
from samklang.cli.demo.words import Words
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError

if TYPE_CHECKING:
    from collections.abc import Callable

    from samklang.analyst.release import Release
    from samklang.analyst.status import Status
    from samklang.cli.output import Output

QUESTIONS = ("elderly-medical", "elderly-burden", "stress-anxiety-depression")
MANIFEST = "federation-three.yaml"
_MARK = ".complete"


@dataclass(frozen=True)
class Answer:
    """One question's answer and where it is."""

    name: str
    release: Release
    files: tuple[Path, ...]
    distance: Distance
    seconds: float


def documents() -> Path:
    """The federation's documents, in the project's own folder.

    Raises:
        SamklangError: ``sandbox-folder`` if the package was installed without them.
    """
    folder = Path(__file__).resolve().parents[4] / "policies" / "integrated-care"
    if not (folder / "codebook.yaml").is_file():
        problem = "the demonstration needs a checkout of the project, with policies/integrated-care"
        raise SamklangError("sandbox-folder", folder=folder, problem=problem)
    return folder


def population(out: Path, residents: int, seed: int, note: Callable[[str], None], words: Words) -> Path:
    """The generated tables; made once per size and seed."""
    folder = out / f"data-{residents}-{seed}"
    if not (folder / _MARK).is_file():
        note(words.generating(residents))
        made = generate(folder, residents, seed=seed)
        (folder / _MARK).write_text(f"{sum(made.rows.values())}\n", encoding="utf-8")
    return folder


def demonstrate(
    out: Path,
    *,
    output: Output,
    residents: int = RESIDENTS,
    seed: int = 1,
) -> list[Answer]:
    """Run everything and show it.

    Files go to ``out``: per question CSV, Parquet, JSON, and a picture per figure as PNG and SVG.
    """
    words = Words(output.lang)
    data = population(out, residents, seed, output.note, words)
    output.note(words.starting())
    answers = []
    with Sandbox(documents(), data=data, federation=MANIFEST) as sandbox:
        for name in QUESTIONS:
            question = sandbox.client.draft(sandbox.blueprint.query(name))
            output.note(words.asking(question.title.model_dump()[words.lang]))
            began = time.monotonic()
            release = sandbox.ask(question, partial(_progress, output, words))
            seconds = time.monotonic() - began
            exact = exact_table(data, question, sandbox.client.codebook())
            found = distance(release.to_pandas(), exact, release.axes)
            answer = Answer(name, release, _save(release, out, name, words), found, seconds)
            if not output.json:
                _show(answer, words)
            answers.append(answer)
    output.note(words.where(out.resolve()))
    return answers


def _progress(output: Output, words: Words, status: Status) -> None:
    output.progress(words.progress(status), last=status.state == "done")


def _measures(release: Release) -> list[str]:
    return [m["name"] for m in release.document["measures"] if m["as"] == "sum"]


def _save(release: Release, out: Path, name: str, words: Words) -> tuple[Path, ...]:
    from samklang.analyst.picture import save_picture

    written = release.save_all(out / name)
    for measure in (None, *_measures(release)):
        stem = name if measure is None else f"{name}-{measure}"
        written += [save_picture(release, out / f"{stem}{s}", words.lang, measure) for s in (".png", ".svg")]
    return tuple(written)


def _show(answer: Answer, words: Words) -> None:
    document = answer.release.document
    print("\n" + words.heading(document["title"][words.lang]))
    print(words.counts(document) + "\n" + crosstab(answer.release, words.lang))
    for measure in document["measures"]:
        if measure["as"] == "sum":
            title = words.mean(measure["label"][words.lang], measure["unit"][words.lang])
            print("\n" + title + "\n" + crosstab(answer.release, words.lang, measure["name"]))
    print("\n" + words.distance(answer.distance, answer.seconds))
    print(words.files([f.name for f in answer.files]))
