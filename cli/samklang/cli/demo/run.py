"""The demonstration: generated citizens, real processes, three questions, tables, pictures, files."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli.demo.crosstab import crosstab
from samklang.cli.demo.distance import Distance, distance
from samklang.cli.demo.exact import exact_table, not_joined
from samklang.cli.demo.population import ODENSE, WEST, Setting, generate
from samklang.cli.demo.words import Words
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError
from samklang.model.calendar import COPENHAGEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from samklang.analyst.release import Release
    from samklang.analyst.status import Status
    from samklang.cli.output import Output


@dataclass(frozen=True)
class Show:
    """One demonstration: where it takes place, which of the folder's manifests it runs, what is asked.

    Three questions: a month's budget pays for no more.
    """

    setting: Setting
    manifest: str
    questions: tuple[str, ...]


SHOWS = {
    show.setting.id: show
    for show in (
        Show(
            ODENSE,
            "federation-three.yaml",
            ("elderly-medical", "elderly-burden", "stress-anxiety-depression"),
        ),
        Show(WEST, "federation.yaml", ("need-by-area", "discharge-pathway", "project-area")),
    )
}
"""By federation."""
_MARK = ".complete"


@dataclass(frozen=True)
class Answer:
    """One question's answer and where it is."""

    name: str
    release: Release
    files: tuple[Path, ...]
    distance: Distance
    seconds: float


def documents(federation: str = ODENSE.id) -> Path:
    """A federation's documents, in the project's own folder.

    Raises:
        SamklangError: ``sandbox-folder`` if the package was installed without them.
    """
    folder = Path(__file__).resolve().parents[4] / "policies" / federation
    if not (folder / "codebook.yaml").is_file():
        problem = "the demonstration needs a checkout of the project, with its policies"
        raise SamklangError("sandbox-folder", folder=folder, problem=problem)
    return folder


def population(
    out: Path, setting: Setting, residents: int, seed: int, note: Callable[[str], None], words: Words
) -> Path:
    """The generated tables; made once per federation, size and seed."""
    name = "data" if setting is ODENSE else f"data-{setting.id}"
    folder = out / f"{name}-{residents}-{seed}"
    if not (folder / _MARK).is_file():
        note(words.generating(residents))
        made = generate(folder, residents, seed=seed, setting=setting)
        (folder / _MARK).write_text(f"{sum(made.rows.values())}\n", encoding="utf-8")
    return folder


def demonstrate(
    out: Path,
    *,
    output: Output,
    federation: str = ODENSE.id,
    residents: int | None = None,
    seed: int = 1,
) -> list[Answer]:
    """Run everything and show it: one of :data:`SHOWS`, with the setting's own number of residents if None.

    Files go to ``out``: per question CSV, Parquet, JSON, and a picture per figure as PNG and SVG.
    """
    words, show = Words(output.lang), SHOWS[federation]
    size = show.setting.residents if residents is None else residents
    data = population(out, show.setting, size, seed, output.note, words)
    answers = []
    sandbox = Sandbox(documents(federation), data=data, federation=show.manifest)
    output.note(words.starting([n["label"][words.lang] for n in sandbox.blueprint.manifest["nodes"]]))
    out_today = not_joined(sandbox.blueprint, data, datetime.now(COPENHAGEN).date())
    with sandbox:
        for name in show.questions:
            question = sandbox.client.draft(sandbox.blueprint.query(name))
            output.note(words.asking(question.title.model_dump()[words.lang]))
            began = time.monotonic()
            release = sandbox.ask(question, partial(_progress, output, words))
            seconds = time.monotonic() - began
            exact = exact_table(data, question, sandbox.client.codebook(), out_today)
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
    table = crosstab(answer.release, words.lang)
    print(words.counts(document, table) + "\n" + table)
    for measure in document["measures"]:
        if measure["as"] == "sum":
            title = words.mean(measure["label"][words.lang], measure["unit"][words.lang])
            print("\n" + title + "\n" + crosstab(answer.release, words.lang, measure["name"]))
    print("\n" + words.distance(answer.distance, answer.seconds))
    print(words.files([f.name for f in answer.files]))
