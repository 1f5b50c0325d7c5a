"""Why something was refused: what is kept of it, and what never is."""

from __future__ import annotations

import json

import pytest

from samklang.audit.entry import Event
from samklang.audit.why import DETAIL, LONGEST, Why, read_reasons, write_reasons
from samklang.audit.words import reason
from samklang.errors import CATALOGUE, SamklangError


def refusal() -> SamklangError:
    error = SamklangError("policy-who", role="analyst", organisation="herning-kommune")
    error.clause = "grants[1].who"
    return error


def test_what_is_written_is_read_and_says_what_the_asker_was_told() -> None:
    written = write_reasons([refusal()], ["plan-care", "evaluate-project"])
    (why,) = read_reasons({DETAIL: written}, ["policy-who"])
    assert (why.clause, why.grant) == ("grants[1].who", "evaluate-project")
    for lang in ("en", "da"):
        assert reason(lang, why.code, why.params) == refusal().text(lang)[0]
        assert "…" not in reason(lang, why.code, why.params)


def test_what_isnt_public_and_what_a_person_wrote_stay_out() -> None:
    hidden = SamklangError("document-unreadable", reason="secret words")
    assert not CATALOGUE[hidden.code].public
    rejected = SamklangError("approval-rejected", node="n", role="r", why="secret words")
    written = write_reasons([hidden, rejected])
    assert "secret" not in written
    _, why = read_reasons({DETAIL: written}, [hidden.code, rejected.code])
    assert reason("da", why.code, why.params) == 'Hos n sagde en person med rollen r nej: "…".'


def test_numbers_of_persons_are_masked_and_texts_cut() -> None:
    long = SamklangError("policy-who", role="0101504444", organisation="x" * 10_000)
    details = Event(kind="asked", details={DETAIL: write_reasons([long])}).values()["details"]
    assert isinstance(details, dict)
    (why,) = read_reasons(details, ["policy-who"])
    assert why.params["role"] == "[number]"
    assert len(why.params["organisation"]) == LONGEST


@pytest.mark.parametrize(
    "written",
    [
        None, "", "no JSON", "{}", "[1]", "[{}]", '[{"code": "policy-axes"}]', '[{"code": 1}]',
        '[{"code": "policy-who", "params": {"role": 1}}]', '[{"code": "policy-who", "params": []}]',
        json.dumps([{"code": "policy-who"}] * 2),
    ],
)  # fmt: skip
def test_of_entries_that_hold_no_more_the_codes_are_left(written: str | None) -> None:
    details = {} if written is None else {DETAIL: written}
    assert read_reasons(details, ["policy-who"]) == [Why("policy-who")]
    assert "…" in reason("en", "policy-who")
