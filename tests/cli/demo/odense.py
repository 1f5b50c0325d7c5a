"""The project's own federations in one process, over generated files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from tests.support.in_process import DAY as DAY
from tests.support.in_process import InProcess

from samklang.cli.sandbox.folder import read_folder
from samklang.model.canonical import digest
from samklang.model.codebook import Codebook
from samklang.model.loading import load
from samklang.model.query import Draft
from samklang.model.yaml_tree import read_tree
from samklang.privacy.noise import NoiseSource

FOLDER = Path(__file__).parents[3] / "policies" / "integrated-care"
QUERIES = sorted(path.stem for path in (FOLDER / "queries").glob("*.yaml"))


def codebook(folder: Path = FOLDER) -> Codebook:
    return load(folder / "codebook.yaml", Codebook).document


def draft(name: str, folder: Path = FOLDER, **changes: Any) -> Draft:
    tree = read_tree((folder / "queries" / f"{name}.yaml").read_bytes(), name).data
    return Draft.model_validate(
        {**tree, "federation": folder.name, "codebook": digest(codebook(folder)), **changes}
    )


class Odense(InProcess):
    """One of a folder's federations over generated data."""

    def __init__(self, data: Path, spill: Path, federation: str, folder: Path = FOLDER) -> None:
        super().__init__(read_folder(folder, data, federation), spill)

    def ask(self, query: Draft, noise: NoiseSource) -> pd.DataFrame:
        """The protocol's counts and sums: a row per released cell, as ``exact_table`` names its columns."""
        program, outcome = self.run(query, noise)
        hidden = {a.name for a in program.axes if a.hidden}
        table = pd.DataFrame(program.cells.names()).drop(columns=[*hidden])
        table["count"] = outcome.counts
        plain = program.table.plain_sums(outcome.counts, outcome.sums)
        for measure, sums in zip(program.measures, plain, strict=True):
            table[f"{measure.name}_{'count' if measure.count else 'sum'}"] = sums / measure.scale
        table.attrs["sd"] = program.noise.released_sd
        return table
