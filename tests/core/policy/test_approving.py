"""Whatever is said in whatever order by whatever keys: permitted exactly if the rule is satisfied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.approval import (
    APPROVAL_TYPE,
    Statement,
    person_of,
    read_statement,
    sign_statement,
)
from samklang.model.canonical import canonical
from samklang.model.policy import Approval, Approver
from samklang.policy.approving import Asked, check_statement, effective, hours, judge, satisfied

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
ROLES = {"ann": "steward", "bo": "steward", "cat": "clinician", "dan": "porter", "eve": "clinician"}
KEYS = {person: SigningKey.from_seed(bytes([n]) * 32) for n, person in enumerate((*ROLES, "zoe"), 1)}
APPROVERS = {p: Approver(role=r, key=KEYS[p].verify_key.text) for p, r in ROLES.items()}
DIGESTS = [f"sha256:{n:064x}" for n in range(6)]


def asked(mode: str = "manual", roles: Sequence[str] = ("steward", "clinician"), **changes: Any) -> Asked:
    values: dict[str, Any] = {
        "node": "odense",
        "request": "0" * 32,
        "query": DIGESTS[0],
        "policy": DIGESTS[1],
        "grant": "plan-care",
        "shown": DIGESTS[2],
        "nano_rho": 17,
        "mode": mode,
        "roles": tuple(roles),
        "asker": "eve",
        "asker_key": KEYS["eve"].verify_key.keyid,
        "requested": NOW,
        "expires": NOW + timedelta(hours=72),
    }
    return Asked(**values | changes)


def statement(person: str, word: str, second: int = 0, **changes: Any) -> Statement:
    values: dict[str, Any] = {
        "node": "odense",
        "request": "0" * 32,
        "query": DIGESTS[0],
        "policy": DIGESTS[1],
        "grant": "plan-care",
        "shown": DIGESTS[2],
        "nano_rho": 17,
        "person": person,
        "role": ROLES.get(person, "steward"),
        "word": word,
        "at": NOW + timedelta(seconds=second),
    }
    return Statement.model_validate(values | changes)


def said(person: str, word: str, second: int = 0, **changes: Any) -> bytes:
    return sign_statement(statement(person, word, second, **changes), KEYS[person])


def state(envelopes: Sequence[bytes], now: datetime = NOW + timedelta(hours=1), **request: Any) -> str:
    return judge(asked(**request), APPROVERS, envelopes, now).state


WORDS = st.lists(
    st.tuples(st.sampled_from([*ROLES, "zoe"]), st.sampled_from(["approve", "reject", "withdraw"])),
    max_size=12,
)


@settings(max_examples=400, deadline=None)
@given(
    WORDS,
    st.sampled_from(["manual", "two-person"]),
    st.lists(st.sampled_from(["steward", "clinician", "nobody"]), max_size=3, unique=True),
)
def test_permitted_exactly_if_the_rule_is_satisfied(
    words: list[tuple[str, str]], mode: str, roles: list[str]
) -> None:
    """What can be entered is entered; the outcome is compared with the rule in other words."""
    request = asked(mode, roles)
    entered: list[bytes] = []
    yes: dict[str, str] = {}
    rejected = False
    for second, (person, word) in enumerate(words):
        envelope = said(person, word, second)
        earlier = [read_statement(e, APPROVERS) for e in entered]
        able = person in ROLES and ROLES[person] in roles and person != "eve"
        fits = {"approve": person not in yes, "reject": True, "withdraw": person in yes}[word]
        again = any(s.person == person and s.word == word for s in earlier[-1:] if s.person == person)
        mine = [s.word for s in earlier if s.person == person]
        fits = fits and (not mine or mine[-1] != word) and not again
        try:
            check_statement(read_statement(envelope, APPROVERS), request, APPROVERS, earlier)
        except SamklangError:
            assert not (able and fits)
            continue
        assert able
        assert fits
        entered.append(envelope)
        if word == "approve":
            yes[person] = ROLES[person]
        else:
            yes.pop(person, None)
            rejected = rejected or word == "reject"
    people = list(yes.items())
    if mode == "manual":
        enough = len(people) >= 1
    else:
        apart = len(roles) > 1
        enough = len({role for _, role in people}) >= 2 if apart else len(people) >= 2
    verdict = judge(request, APPROVERS, entered, NOW + timedelta(hours=1))
    assert verdict.state == ("rejected" if rejected else "approved" if enough else "waiting")
    assert judge(request, APPROVERS, entered, NOW + timedelta(hours=72)).state == (
        "rejected" if rejected else "expired"
    )


def test_a_yes_taken_back_does_not_count_and_can_be_given_again() -> None:
    words = [said("ann", "approve"), said("ann", "withdraw", 1)]
    assert state(words[:1]) == "approved"
    assert state(words) == "waiting"
    assert state([*words, said("ann", "approve", 2)]) == "approved"
    assert state([*words, said("bo", "approve", 2)]) == "approved"


def test_two_persons_have_two_roles_where_the_grant_lists_several() -> None:
    both = [said("ann", "approve"), said("bo", "approve")]
    assert state(both, mode="two-person") == "waiting"
    assert state(both, mode="two-person", roles=["steward"]) == "approved"
    assert state([*both, said("cat", "approve")], mode="two-person") == "approved"


def test_one_no_ends_it_also_after_a_yes_and_before_another() -> None:
    no = said("cat", "reject", 1, why="too detailed")
    assert state([said("ann", "approve"), no]) == "rejected"
    verdict = judge(asked(), APPROVERS, [no, said("ann", "approve", 2)], NOW)
    assert (verdict.state, verdict.by[0].why) == ("rejected", "too detailed")


def test_one_key_under_two_names_is_nobody() -> None:
    twice = {**APPROVERS, "twin": Approver(role="clinician", key=APPROVERS["ann"].key)}
    with pytest.raises(SamklangError) as caught:
        person_of(KEYS["ann"].verify_key, twice)
    assert caught.value.code == "approval-same-key"
    with pytest.raises(SamklangError) as caught:
        judge(asked(), twice, [said("ann", "approve")], NOW)
    assert caught.value.code == "approval-void"
    key = APPROVERS["ann"].key
    assert not satisfied(
        [("ann", "steward", key), ("twin", "clinician", key)], "two-person", ["steward", "clinician"]
    )
    assert not satisfied([("ann", "steward", key)] * 2, "two-person", ["steward"])


OTHER: dict[str, Any] = {
    "node": "ouh",
    "request": "1" * 32,
    "query": DIGESTS[3],
    "policy": DIGESTS[4],
    "grant": "other",
    "shown": DIGESTS[5],
    "nano_rho": 18,
}


@pytest.mark.parametrize("field", OTHER)
def test_a_yes_to_something_else_is_void(field: str) -> None:
    """Another query, node, policy, request, document or price: replayed, it doesn't count."""
    replayed = said("ann", "approve", **{field: OTHER[field]})
    with pytest.raises(SamklangError) as caught:
        check_statement(read_statement(replayed, APPROVERS), asked(), APPROVERS, [])
    assert caught.value.code == "approval-other"
    with pytest.raises(SamklangError) as caught:
        state([said("bo", "approve"), replayed])
    assert caught.value.code == "approval-void"
    with pytest.raises(SamklangError):
        state([said("ann", "approve")], **{field: OTHER[field]})


@pytest.mark.parametrize("hours_off", [-1, 72, 100])
def test_what_was_signed_before_it_was_asked_or_too_late_is_void(hours_off: int) -> None:
    with pytest.raises(SamklangError) as caught:
        state([said("ann", "approve", 3600 * hours_off)])
    assert caught.value.code == "approval-void"


def test_nothing_counts_from_the_end_on() -> None:
    words = [said("ann", "approve")]
    end = NOW + timedelta(hours=72)
    assert state(words, end - timedelta(microseconds=1)) == "approved"
    assert state(words, end) == "expired"


def test_who_asks_does_not_approve_by_name_or_by_key() -> None:
    for request in ({}, {"asker": "else"}, {"asker_key": "else"}):
        with pytest.raises(SamklangError) as caught:
            check_statement(statement("eve", "approve"), asked(**request), APPROVERS, [])
        assert caught.value.code == "approval-own-query"
    check_statement(statement("eve", "approve"), asked(asker="else", asker_key="else"), APPROVERS, [])


def test_forged_statements_are_nobodys() -> None:
    mine = statement("ann", "approve")
    for forged in (
        sign_statement(mine, KEYS["zoe"]),  # not an approver
        sign_statement(mine, KEYS["bo"]),  # another approver, in ann's name
        sign_statement(statement("ann", "approve", role="clinician"), KEYS["ann"]),  # another role
        Envelope.sign(APPROVAL_TYPE, canonical(mine), [KEYS["ann"], KEYS["bo"]]).to_bytes(),
        Envelope.sign("application/vnd.samklang.query.v1+json", canonical(mine), [KEYS["ann"]]).to_bytes(),
        Envelope.sign(APPROVAL_TYPE, canonical(mine) + b" ", [KEYS["ann"]]).to_bytes(),
        b"{}",
    ):
        with pytest.raises(SamklangError):
            read_statement(forged, APPROVERS)
        with pytest.raises(SamklangError) as caught:
            state([said("cat", "approve"), forged])
        assert caught.value.code == "approval-void"
    good = Envelope.from_bytes(said("ann", "approve"))
    flipped = Envelope(good.payload_type, good.payload.replace(b"approve", b"reject "), good.signatures)
    with pytest.raises(SamklangError):
        read_statement(flipped.to_bytes(), APPROVERS)


def test_an_old_yes_put_back_behind_a_withdrawal_is_void() -> None:
    yes, back = said("ann", "approve"), said("ann", "withdraw", 5)
    with pytest.raises(SamklangError) as caught:
        state([yes, back, yes])
    assert caught.value.code == "approval-void"


def test_the_forms_a_policy_has() -> None:
    assert effective(Approval(mode="auto", manual_if=("many-cells",), roles=("steward",))) == "manual"
    assert effective(Approval(mode="two-person", roles=("a", "b"))) == "two-person"
    assert hours(Approval(mode="manual", roles=("a",), expires="PT5H")) == timedelta(hours=5)
    assert not satisfied([("ann", "steward", "k")], "auto", ["steward"])
