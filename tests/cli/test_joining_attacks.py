"""What somebody tries who is invited, or whose file is admitted: other kinds, others' names, two uses."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from samklang.cli.enrolment.member import ask_to_join
from samklang.cli.enrolment.operator import admit, remove, revoke
from samklang.cli.enrolment.setup import Federation, named, set_up
from samklang.coordinator.invitations import Invitations
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.identity.requests import hosts_of, new_request
from samklang.model.base import Label
from samklang.model.enrolment import Invitation, MemberKind, Request, proof, read_request, sign_request

NOW = datetime.now(UTC)
LABEL = Label(en="Hospital", da="Hospital")
HUB = "hub.example.dk"
KINDS: tuple[MemberKind, ...] = get_args(MemberKind)
LOOK_ALIKES = [
    "оuh", "ouh\u200b", "ouh\n", "ouh\r", " ouh", "ouh ", "OUH", "oúh", "ouh/x", "../ouh", "..", ".", "",
    "ouh\x00", "ouh\u202e", "ｏuh", "0101901234", "o" * 64,
]  # fmt: skip


@pytest.fixture
def operator(tmp_path: Path) -> Path:
    folder = tmp_path / "operator"
    set_up(folder, Federation("odense", LABEL, "hub", "drift", f"{HUB}:7443", f"{HUB}:7444"), NOW)
    return folder


def paper(kind: MemberKind, name: str, organisation: str, **more: Any) -> tuple[bytes, str]:
    """A request as its sender made it, and its fingerprint as it is told."""
    key = SigningKey.generate()
    said = {
        "federation": "odense", "kind": kind, "id": name, "organisation": organisation, "label": LABEL,
        "sectors": ("hospital",) if kind == "node" else (), "identity": key.verify_key.text,
        "csr": "" if kind == "evaluator" else new_request("any", "any")[0].decode(),
    }  # fmt: skip
    data, found = sign_request(Request.model_validate(said | more), key)
    return data, found.removeprefix("sha256:")[:32]


def admitted(operator: Path, kind: MemberKind, name: str, organisation: str, **more: Any) -> Path:
    data, told = paper(kind, name, organisation, **more)
    file = operator / f"{told}.json"
    file.write_bytes(data)
    return admit(operator, file, told, NOW, kind, organisation)[1]


def refused(function: Any, *words: Any, **more: Any) -> str:
    with pytest.raises(SamklangError) as caught:
        function(*words, **more)
    return caught.value.code


@pytest.mark.parametrize("kind", ["analyst", "dpo", "operator"])
def test_nobody_gets_the_name_of_somebody_of_another_organisation(kind: MemberKind, operator: Path) -> None:
    """The coordinator knows an analyst by kind and name: a second anna would read the first's releases."""
    admitted(operator, kind, "anna", "odense-kommune")
    assert refused(admitted, operator, kind, "anna", "region") == "enrolment-taken"
    admitted(operator, kind, "anna", "odense-kommune")  # new keys of the same person
    admitted(operator, "dpo" if kind != "dpo" else "analyst", "anna", "region")  # another kind is another one
    revoke(operator, kind, "anna", NOW, newest=True)
    admitted(operator, kind, "anna", "region")


def test_a_node_does_not_move_to_another_organisation_by_a_renewal(operator: Path) -> None:
    key = SigningKey.generate()
    admitted(operator, "node", "ouh", "region")
    data, _ = paper("node", "ouh", "odense-kommune")
    moved = read_request(data)[0].model_copy(update={"identity": key.verify_key.text})
    file = operator / "moved.json"
    file.write_bytes(sign_request(moved, key)[0])
    told = read_request(file.read_bytes())[1].removeprefix("sha256:")[:32]
    assert refused(admit, operator, file, told, NOW) in ("enrolment-known", "enrolment-taken")


@pytest.mark.parametrize("host", [HUB, HUB.upper(), f"{HUB}.", "Hub.Example.dk."])
def test_no_node_answers_to_the_coordinators_name_however_it_is_spelled(host: str, operator: Path) -> None:
    """Names are compared without regard to case in TLS."""
    assert refused(admitted, operator, "node", "ouh", "region", hosts=(host,)) == "enrolment-file"
    assert not (operator / "issued.txt").exists()


def test_no_node_answers_to_another_nodes_name(operator: Path) -> None:
    """Whoever is called like it could answer its officer, who tells nodes apart by the name dialled."""
    own = (operator / "coordinator" / "tls.pem").read_bytes()
    assert hosts_of(own) == [HUB, "localhost", "127.0.0.1"]
    admitted(operator, "node", "ouh", "region", hosts=("ouh.example.dk", "10.0.0.5"))
    for host in ("ouh.example.dk", "OUH.example.dk.", "10.0.0.5"):
        assert refused(admitted, operator, "node", "gp", "practice", hosts=(host,)) == "enrolment-taken"
    local = ("localhost", "127.0.0.1")
    admitted(operator, "node", "near", "near", hosts=local)
    admitted(operator, "node", "nearer", "nearer", hosts=local)
    remove(operator, "ouh", NOW)
    admitted(operator, "node", "gp", "practice", hosts=("ouh.example.dk",))


def test_a_list_of_an_earlier_version_is_read(operator: Path) -> None:
    (operator / "issued.txt").write_text(f"{'a' * 64} analyst anna {NOW:%Y-%m-%d} sha256:{'b' * 64}\n")
    admitted(operator, "analyst", "anna", "region")
    assert refused(admitted, operator, "analyst", "anna", "odense-kommune") == "enrolment-taken"


def test_an_officers_file_is_admitted_only_as_what_the_operator_says(operator: Path) -> None:
    """It is the organisation that says whose nodes an officer reads, and a file says it itself."""
    data, told = paper("dpo", "kirsten", "region")
    file = operator / "kirsten.json"
    file.write_bytes(data)
    for said in ((), ("dpo",), ("dpo", "odense-kommune"), ("analyst", "region"), (None, "region")):
        assert refused(admit, operator, file, told, NOW, *said) == "enrolment-file", said
    admit(operator, file, told, NOW, "dpo", "region")


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_name_that_could_pass_for_another_or_for_a_path_is_none(name: str, tmp_path: Path) -> None:
    assert refused(named, name) == "enrolment-name"
    with pytest.raises(ValidationError):
        paper("node", name, "region")
    with pytest.raises(ValidationError):
        paper("node", "ouh", name)
    with pytest.raises(ValidationError):
        paper("node", "ouh", "region", sectors=(name,))


@pytest.mark.parametrize(
    "label",
    [
        "Hospital\nnode gp: admitted", "Hospital\u202e", "\x1b[2KHospital", "Hospital\u200b", "Hos  pital",
        "", "010190-1234", "x" * 121, "\ufeffHospital",
    ],
)  # fmt: skip
def test_a_label_that_hides_something_is_refused_where_it_is_made_and_where_it_is_read(
    label: str, tmp_path: Path, operator: Path
) -> None:
    """Controllers read it in the manifest that they sign."""
    words = {"federation": "odense", "kind": "evaluator", "name": "center", "organisation": "center"}
    for hidden in (Label(en=label, da="x"), Label(en="x", da=label)):
        assert refused(ask_to_join, tmp_path / "m", label=hidden, **words) == "enrolment-label"
        assert refused(admitted, operator, "evaluator", "center", "center", label=hidden) == "enrolment-label"
    assert not (tmp_path / "m").exists()


class Door:
    """A coordinator's file of invitations."""

    def __init__(self, folder: Path) -> None:
        self.file = Invitations(folder / "enrolment.sqlite")

    def invite(self, kind: MemberKind, name: str = "center", **more: Any) -> Invitation:
        said = {
            "federation": "odense", "address": f"{HUB}:7444", "authority": "x", "kind": kind, "id": name,
            "organisation": "center", "sectors": ("hospital",) if kind == "node" else (),
        }  # fmt: skip
        made = Invitation.new(NOW + timedelta(days=1), **(said | more))
        self.file.invite(made)
        return made

    def apply(self, invitation: Invitation, data: bytes) -> str:
        try:
            self.file.apply(invitation.number, data, proof(invitation.secret, data))
        except SamklangError as error:
            return error.code
        return ""


def test_an_invitation_is_for_one_kind_alone(tmp_path: Path) -> None:
    door = Door(tmp_path)
    for invited, asked in product(KINDS, KINDS):
        data, _ = paper(asked, "center", "center")
        assert door.apply(door.invite(invited), data) == ("" if invited == asked else "enrolment-invitation")


@pytest.mark.parametrize(
    "other",
    [{"id": "other"}, {"organisation": "other"}, {"federation": "other"}, {"sectors": ("hospital", "gp")}],
)
def test_and_for_one_member_alone(other: dict[str, Any], tmp_path: Path) -> None:
    door = Door(tmp_path)
    said = {"name": "center", "organisation": "center"} | {
        "name" if k == "id" else k: v for k, v in other.items()
    }
    data, _ = paper("node", **said)
    assert door.apply(door.invite("node"), data) == "enrolment-invitation"


def test_two_who_use_one_invitation_at_the_same_moment(tmp_path: Path) -> None:
    """One of them is taken, whoever that is; the other is told nothing else than that it is no good."""
    door = Door(tmp_path)
    for _ in range(5):
        _use_at_once(door, door.invite("node"), [paper("node", "center", "center")[0] for _ in range(6)])


def _use_at_once(door: Door, invitation: Invitation, papers: list[bytes]) -> None:
    start, said = threading.Barrier(len(papers)), [""] * len(papers)

    def use(number: int) -> None:
        start.wait()
        said[number] = door.apply(invitation, papers[number])

    threads = [threading.Thread(target=use, args=(n,)) for n in range(len(papers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["", *["enrolment-invitation"] * (len(papers) - 1)]
    (kept,) = [w.paper for w in door.file.waiting() if w.number == invitation.number]
    assert kept == papers[said.index("")]


def test_an_invitation_whose_days_are_over_takes_no_request_and_keeps_the_one_it_has(tmp_path: Path) -> None:
    door = Door(tmp_path)
    used, unused = door.invite("node"), door.invite("node")
    data, _ = paper("node", "center", "center")
    assert door.apply(used, data) == ""
    with door.file._db() as db:
        db.execute("UPDATE invitation SET until = 0")
    assert door.apply(unused, data) == "enrolment-invitation"
    assert door.apply(used, data) == "", "the same request once more, whose answer got lost"
    door.file.answer(used.number, b"reply")
    assert door.file.collect(used.number, proof(used.secret, b"collect"))[0] == b"reply"


def test_a_proof_is_for_one_step(tmp_path: Path) -> None:
    """Who has seen a request on its way can't collect the reply with its proof, nor the other way round."""
    door = Door(tmp_path)
    invitation = door.invite("node")
    data, _ = paper("node", "center", "center")
    shown = proof(invitation.secret, data)
    assert refused(door.file.apply, invitation.number, b"collect", shown) == "enrolment-invitation"
    door.file.apply(invitation.number, data, shown)
    assert refused(door.file.collect, invitation.number, shown) == "enrolment-invitation"


@given(st.binary(max_size=300), st.text(max_size=40), st.binary(max_size=40))
def test_whatever_comes_in_at_the_door_is_refused_by_name(data: bytes, number: str, shown: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        door = Door(Path(folder))
        invitation = door.invite("node")
        wrong = replace_secret(invitation)
        assert refused(door.file.apply, number, data, shown) == "enrolment-invitation"
        assert refused(door.file.apply, invitation.number, data, proof(wrong.secret, data)) == (
            "enrolment-invitation"
        )


def replace_secret(invitation: Invitation) -> Invitation:
    return invitation.model_copy(update={"secret": "0" * 32})
