"""Plans: the expected table against citizens drawn one by one, what noise leaves of it, coarser questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.identity.keys import SigningKey
from samklang.model.canonical import digest
from samklang.model.checks import check_codebook
from samklang.model.codebook import Codebook
from samklang.model.loading import load, loads
from samklang.model.manifest import Manifest
from samklang.model.problems import DocumentErrors
from samklang.model.query import Draft
from samklang.model.yaml_tree import read_tree
from samklang.protocol.compile import compile_query
from samklang.protocol.planning.alternatives import alternatives
from samklang.protocol.planning.effort import effort
from samklang.protocol.planning.expected import Expected, expected_table
from samklang.protocol.planning.precision import measures, precision, threshold
from samklang.protocol.program import Program

FOLDER = Path(__file__).parents[3] / "policies" / "integrated-care"
CODEBOOK = load(FOLDER / "codebook.yaml", Codebook).document


def federation() -> Manifest:
    data = read_tree((FOLDER / "federation-three.yaml").read_bytes(), "federation").data
    data["codebook"] = digest(CODEBOOK)
    for party in (data["coordinator"], *data["nodes"]):
        party["identity"] = SigningKey.generate().verify_key.text
    return loads(json.dumps(data).encode(), Manifest).document


MANIFEST = federation()


def question(axes: list[dict[str, str]], **more: Any) -> Draft:
    return Draft.model_validate_json(
        json.dumps(
            {
                "title": {"en": "x", "da": "x"},
                "federation": "integrated-care",
                "codebook": MANIFEST.codebook,
                "operation": "stratify",
                "purpose": {"family": "statistical", "id": "plan-care"},
                "period": {"from": "2025-01-01", "until": "2026-01-01", "as_of": "2026-01-01"},
                "axes": axes,
                **more,
            }
        )
    )


def axis(name: str) -> dict[str, str]:
    variable, _, banding = name.partition("/")
    return {"variable": variable, "banding": banding} if banding else {"presence": variable}


def planned(draft: Draft, codebook: Codebook = CODEBOOK) -> tuple[Program, Expected]:
    program = compile_query(MANIFEST, codebook, draft)
    return program, expected_table(program, draft, codebook)


def with_figures(**changes: Any) -> Codebook:
    figures = CODEBOOK.figures["whole-population"].model_copy(update=changes)
    return CODEBOOK.model_copy(update={"figures": {"whole-population": figures}})


def test_two_sectors_multiply_by_hand() -> None:
    draft = question([axis("sex/two"), axis("hospital")])
    program, expected = planned(draft)
    figures = CODEBOOK.figures["whole-population"]
    citizens, known = figures.citizens, figures.sectors
    kommune, hospital = known["kommune"] / citizens, known["hospital"] / citizens
    women = float(figures.shares["sex/two"]["women"])
    cells = program.cells.names()
    at = {tuple(cell.values()): n for cell, n in zip(cells, expected.counts.tolist(), strict=True)}
    assert at["women", "PRESENT"] == pytest.approx(citizens * kommune * women * hospital)
    assert at["women", "ABSENT"] == pytest.approx(citizens * kommune * women * (1 - hospital))
    assert at["ABSENT", "PRESENT"] == pytest.approx(citizens * (1 - kommune) * hospital)
    assert expected.citizens == pytest.approx(citizens * (1 - (1 - kommune) * (1 - hospital)))


def drawn(draft: Draft, program: Program, size: int) -> np.ndarray[Any, Any]:
    """Citizens drawn one by one as the figures say, in each released cell: another way to the same table."""
    generator = np.random.default_rng(7)
    figures = CODEBOOK.figures[draft.target_group or "whole-population"]
    here = {s: generator.random(size) < n / figures.citizens for s, n in figures.sectors.items()}
    columns = []
    for found in program.axes:
        names = list(found.levels.names)
        known = np.any([here[sector] for sector in found.features], axis=0)
        if found.name == "target_group":
            columns.append(np.full(size, names.index("IN")))
            continue
        if not found.banding:
            columns.append(known.astype(int))
            continue
        shares = {k: float(v) for k, v in figures.shares[f"{found.name}/{found.banding}"].items()}
        weights = np.array([shares.get(name, 0.0) for name in names])
        if "MISSING" in names:
            weights[names.index("MISSING")] = 1 - weights.sum()
        level = generator.choice(len(names), size, p=weights / weights.sum())
        columns.append(np.where(known, level, 0))
    cell = program.cells.of([c.astype(np.uint8) for c in columns])
    counts = np.bincount(cell[cell >= 0], minlength=program.cells.opened)
    return counts[program.cells.kept] / size


@pytest.mark.parametrize(
    "draft",
    [
        question([axis("area/part"), axis("need/tiers")], target_group="elderly-medical"),
        question([axis("age/five"), axis("medicines/three"), axis("hospital")], require={"age": ["65-79"]}),
        question([axis("known_to/partners")], target_group="stress-anxiety-depression"),
    ],
    ids=("need", "required", "known"),
)
def test_the_expected_table_is_that_of_citizens_drawn_one_by_one(draft: Draft) -> None:
    """Each cell within 6 standard errors: a false alarm below 1e-6."""
    size = 400_000
    program, expected = planned(draft)
    share = expected.counts / CODEBOOK.figures[draft.target_group or "whole-population"].citizens
    error = np.sqrt(share * (1 - share) / size) + 2 / size
    assert np.all(np.abs(drawn(draft, program, size) - share) < 6 * error)


@given(st.floats(0, 1), st.floats(0, 1))
def test_nobody_is_lost_or_counted_twice(at_kommune: float, at_hospital: float) -> None:
    citizens = 100_000
    sectors = {"kommune": round(citizens * at_kommune), "hospital": round(citizens * at_hospital)}
    book = with_figures(citizens=citizens, sectors=sectors)
    _, expected = planned(question([axis("age/five"), axis("acute_admissions/three")]), book)
    seen = 1 - (1 - sectors["kommune"] / citizens) * (1 - sectors["hospital"] / citizens)
    assert expected.citizens == pytest.approx(citizens * seen)


def test_a_filter_keeps_its_levels_share() -> None:
    kept = [{"variable": "age", "banding": "five", "levels": ["80+"]}]
    _, filtered = planned(question([axis("sex/two"), axis("acute_admissions/three")], filter=kept))
    figures = CODEBOOK.figures["whole-population"]
    share = float(figures.shares["age/five"]["80+"])
    assert filtered.citizens == pytest.approx(figures.sectors["kommune"] * share)
    program, same = planned(question([axis("age/five"), axis("acute_admissions/three")], filter=kept))
    assert same.citizens == pytest.approx(figures.sectors["kommune"] * share)
    levels = [cell["age"] for cell in program.cells.names()]
    assert {level for level, n in zip(levels, same.counts.tolist(), strict=True) if n} == {"80+"}


def test_an_interval_has_sides() -> None:
    program, expected = planned(question([axis("discharge_to_home_care/four")]))
    figures = CODEBOOK.figures["whole-population"]
    kommune, hospital = (figures.sectors[s] / figures.citizens for s in ("kommune", "hospital"))
    shares = {k: float(v) for k, v in figures.shares["discharge_to_home_care/four"].items()}
    names = [cell["discharge_to_home_care"] for cell in program.cells.names()]
    at = dict(zip(names, (expected.counts / figures.citizens).tolist(), strict=True))
    both = kommune * hospital
    assert at["before"] == pytest.approx(both * shares["before"])
    discharged = 1 - shares["END-ONLY"] - (1 - sum(shares.values()))
    only = hospital * (1 - kommune)
    assert at["START-ONLY"] == pytest.approx(both * shares["START-ONLY"] + only * discharged)


def test_missing_and_borrowed_figures_are_named() -> None:
    draft = question([axis("age/five"), axis("acute_admissions/three")])
    figures = dict(CODEBOOK.figures["whole-population"].shares)
    del figures["age/five"]
    _, expected = planned(draft, with_figures(shares=figures))
    assert expected.missing == ("age/five",)
    assert expected.citizens == 0
    own = CODEBOOK.figures["elderly-medical"].model_copy(update={"shares": {}, "sectors": {}})
    group = draft.model_copy(update={"target_group": "elderly-medical"})
    book = CODEBOOK.model_copy(update={"figures": {**CODEBOOK.figures, "elderly-medical": own}})
    _, expected = planned(group, book)
    assert not expected.missing
    assert {"age/five", "acute_admissions/three", "kommune"} <= set(expected.borrowed)
    _, expected = planned(group, CODEBOOK.model_copy(update={"figures": {}}))
    assert expected.missing == ("elderly-medical",)


def test_what_noise_leaves_is_what_rounds_of_noise_leave() -> None:
    """20,000 rounds; 0.01 is 6 standard errors or more: a false alarm below 1e-6."""
    counts = np.array([3.0, 20.0, 31.0, 60.0, 200.0, 2000.0])
    sd, shown_from = 9.43, 26
    found = precision(counts, sd, shown_from)
    assert found is not None
    noise = np.random.default_rng(3).normal(0, sd, (20_000, len(counts)))
    shown = np.rint(counts + noise) >= shown_from
    assert found.shown_cells / 6 == pytest.approx(shown.mean(), abs=0.01)
    assert found.shown == pytest.approx((shown * counts).sum(axis=1).mean() / counts.sum(), abs=0.01)
    assert found.within == pytest.approx(2200 / counts.sum())
    assert found.typical == 2000
    assert precision(np.zeros(3), sd, shown_from) is None
    assert precision(np.empty(0), sd, shown_from) is None


def test_the_mean_of_a_cell_is_within_its_interval_19_times_in_20() -> None:
    draft = question([axis("area/part"), axis("acute_admissions/three")], measures=[{"variable": "bed_days"}])
    program, expected = planned(draft)
    found = precision(expected.counts, program.noise.released_sd, 26)
    (bed_days,) = measures(program, draft, CODEBOOK, expected, found)
    assert bed_days.mean is not None
    assert bed_days.mean_half is not None
    assert found is not None
    (read,) = program.table.measure_cells()
    assert read.centred
    low, high = read.low[0], read.high[0]
    generator = np.random.default_rng(5)
    size = round(found.typical)
    words = generator.normal(size * (2 * bed_days.mean - low - high), 2 * read.sd[0], 20_000)
    counts = size + generator.normal(0, program.noise.released_sd, 20_000)
    sums = (words + counts * (low + high)) / 2
    within = np.abs(sums - size * bed_days.mean) <= bed_days.sum_half
    assert within.mean() == pytest.approx(0.95, abs=0.01)
    inside = np.abs(sums / counts - bed_days.mean) <= bed_days.mean_half
    assert inside.mean() == pytest.approx(0.95, abs=0.01)


def test_coarser_questions_help_and_can_be_asked() -> None:
    draft = question(
        [axis("area/district"), axis("home_care/weeks"), axis("acute_admissions/three")],
        target_group="elderly-medical",
    )
    program, expected = planned(draft)
    sd = program.noise.released_sd
    now = precision(expected.counts, sd, threshold(5, sd))
    assert now is not None
    found = alternatives(draft, MANIFEST, CODEBOOK, now, 5)
    assert found[0].change.new == "area/part"
    assert all(a.precision.within > now.within for a in found)
    assert all(a.cells < program.released for a in found)


def test_a_required_level_that_another_banding_lacks_rules_it_out() -> None:
    draft = question(
        [axis("area/district"), axis("acute_admissions/three")],
        target_group="elderly-medical",
        require={"area": ["vollsmose"]},
    )
    program, expected = planned(draft)
    now = precision(expected.counts, program.noise.released_sd, 26)
    assert now is not None
    assert "area/part" not in [a.change.new for a in alternatives(draft, MANIFEST, CODEBOOK, now, 5)]


def test_effort_grows_with_the_population_and_is_not_said_without_figures() -> None:
    draft = question([axis("age/five"), axis("acute_admissions/three")])
    program, _ = planned(draft)
    small = effort(program, CODEBOOK)
    figures = CODEBOOK.figures["whole-population"]
    ten = {sector: 10 * n for sector, n in figures.sectors.items()}
    large = effort(program, with_figures(citizens=10 * figures.citizens, sectors=ten))
    assert small is not None
    assert large is not None
    assert 9 < large.rows / small.rows < 10.1
    assert 8 < large.megabytes / small.megabytes < 12
    assert small.seconds < large.seconds
    assert effort(program, CODEBOOK.model_copy(update={"figures": {}})) is None


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("women: 0.505", "women: 0.605", "document-figures-share"),
        ("kommune: 210800", "kommune: 999999", "document-figures-sector"),
        ("sex/two: {women", "sex/three: {women", "document-unknown-name"),
        ("women: 0.505", "woman: 0.505", "document-unknown-name"),
        ("home_care_minutes: 2.6", "minutes: 2.6", "document-unknown-name"),
        ("  elderly-medical:\n    source", "  elderly:\n    source", "document-unknown-name"),
    ],
)
def test_figures_that_make_no_sense_are_named_with_their_place(old: str, new: str, code: str) -> None:
    text = (FOLDER / "codebook.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(DocumentErrors) as caught:
        check_codebook(loads(text.replace(old, new, 1).encode(), Codebook, "codebook.yaml"))
    assert [p.code for p in caught.value.problems] == [code]
    assert caught.value.problems[0].at is not None
