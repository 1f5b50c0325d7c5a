"""Slip Sundheden Fri as real processes: two municipalities, a hospital, practices, an evaluator who asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from samklang.analyst.release import Release
from samklang.cli.demo.distance import side_by_side
from samklang.cli.demo.exact import exact_table, not_joined
from samklang.cli.demo.population import WEST, generate
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError
from samklang.model.calendar import COPENHAGEN

pytestmark = pytest.mark.processes

FOLDER = Path(__file__).parents[2] / "policies" / "slip-sundheden-fri"
CITIZENS = 20_000


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    data = generate(tmp_path_factory.mktemp("west"), CITIZENS, seed=11, setting=WEST).folder
    with Sandbox(FOLDER, data=data) as running:
        yield running


@pytest.fixture(scope="module")
def evaluated(sandbox: Sandbox) -> Release:
    return sandbox.ask("project-area")


def test_the_pathway_of_both_municipalities_is_near_the_exact_one(sandbox: Sandbox) -> None:
    """14 counts within 7.5 standard deviations: a false alarm has probability below 1e-11."""
    release = sandbox.ask("discharge-pathway")
    near(sandbox, release, "discharge-pathway")
    for municipality in WEST.municipalities:
        assert municipality.folder in str(release.document["participants"])


def test_the_evaluator_s_answer_is_near_the_exact_one(sandbox: Sandbox, evaluated: Release) -> None:
    near(sandbox, evaluated, "project-area")


def test_the_evaluator_may_not_plan_and_the_planner_may_not_evaluate(
    sandbox: Sandbox, evaluated: Release
) -> None:
    planner, evaluator = sandbox.client, sandbox.client_for("project-area")
    for client, question, code in (
        (evaluator, "need-by-area", "policy-prohibited"),
        (planner, "project-area", "policy-who"),
    ):
        with pytest.raises(SamklangError) as caught:
            client.ask(sandbox.blueprint.query(question))
        assert caught.value.code == code


def near(sandbox: Sandbox, release: Release, name: str) -> None:
    question = sandbox.client.draft(sandbox.blueprint.query(name))
    data = Path(sandbox.blueprint.nodes["herning-kommune"]["tables"]["citizen"]["file"][0]).parents[1]
    left_out = not_joined(sandbox.blueprint, data, datetime.now(COPENHAGEN).date())
    exact = exact_table(data, question, sandbox.client.codebook(), left_out)
    joined = side_by_side(release.to_pandas(), exact, release.axes)
    seen = joined[joined["shown"]]
    assert len(seen) >= 2
    half = (seen["count_high"] - seen["count_low"]) / 2
    far = (seen["count"].astype("int64") - seen["exact_count"]).abs()
    assert (far < 7.5 / 1.96 * half).all()
