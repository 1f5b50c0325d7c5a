"""Reading documents: every problem with its place, all at once, and never a value in an error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.model.documents import CODEBOOK, DRAFT, POLICY, with_digest

from samklang.errors import Position, SamklangError
from samklang.model.codebook import Codebook
from samklang.model.config import NodeConfig
from samklang.model.loading import about, load, loads
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.problems import FORMS, DocumentErrors
from samklang.model.query import Draft, PresenceAxis, VariableAxis
from samklang.model.reference import DOCUMENTS
from samklang.model.reference_schema import _WORD, json_schema


def problems(text: str | bytes, model: type = Draft) -> list[tuple[str, int, int]]:
    source = text if isinstance(text, bytes) else with_digest(text)
    with pytest.raises(DocumentErrors) as caught:
        loads(source, model, "q.yaml")
    found = [(p.code, p.at.line, p.at.column) for p in caught.value.problems if p.at]
    assert len(found) == len(caught.value.problems)
    return found


def test_a_good_document_and_its_places(tmp_path: Path) -> None:
    path = tmp_path / "q.yaml"
    path.write_bytes(with_digest(DRAFT))
    loaded = load(path, Draft)
    assert isinstance(loaded.document.axes[0], VariableAxis)
    assert isinstance(loaded.document.axes[3], PresenceAxis)
    assert loaded.source == path.read_bytes()
    assert loaded.position(("axes", 3, "presence")) == Position(str(path), 14, 16)
    assert loaded.position(("require", "area")) == Position(str(path), 18, 11)
    assert loaded.position(("require", "area", 5)) == loaded.position(("require", "area"))
    assert loaded.position(()) == Position(str(path), 1, 1)


def test_all_problems_at_once_in_reading_order() -> None:
    text = DRAFT.replace("stratify", "tabulate").replace("2027-01-01, as", "2027-13-01, as")
    text = text.replace("epsilon: 1.0", "epsilon: 9").replace("{presence: gp}", "{presense: gp}")
    assert problems(text) == [
        ("document-value", 4, 12),
        ("document-value", 6, 35),
        ("document-missing-key", 14, 5),
        ("document-missing-key", 14, 5),
        ("document-unknown-key", 14, 6),
        ("document-value", 19, 20),
    ]


def test_an_error_says_what_to_write() -> None:
    with pytest.raises(DocumentErrors) as caught:
        loads(with_digest(DRAFT.replace("purpose:", "purpos:")), Draft, "q.yaml")
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("q.yaml:1:1: document-missing-key: The key 'purpose' is missing")
    assert lines[1].startswith("q.yaml:5:1: document-unknown-key: There is no key 'purpos'")
    assert "Did you mean 'purpose'?" in lines[1]
    code, what, fix = caught.value.public()
    assert (code, "purpos" in what, "(2)" in fix) == ("document-invalid", True, True)


def test_keys_of_alternatives_are_those_of_the_kind() -> None:
    text = CODEBOOK.replace("    scale: 100\n", "    scala: 100\n").replace(
        "    clip: 10\n", "    clipp: 10\n"
    )
    with pytest.raises(DocumentErrors) as caught:
        loads(text.encode(), Codebook, "c.yaml")
    assert "Did you mean 'scale'?" in str(caught.value)
    assert "Did you mean 'clip'?" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a: 1\na: 2\n", [("document-duplicate-key", 2, 1)]),
        (b"a: {b: 1, b: 2}\n", [("document-duplicate-key", 1, 11)]),
        (b"a: &x 1\nb: *x\n", [("document-alias", 1, 4), ("document-alias", 2, 4)]),
        (b"a: &x {b: 1}\n<<: *x\n", [("document-alias", 1, 4), ("document-alias", 2, 5)]),
        (b"*x : 1\n", [("document-alias", 1, 1)]),
        (b"a: !!str 1\n", [("document-tag", 1, 4)]),
        (b"a: !!python/object/apply:os.system [x]\n", [("document-tag", 1, 4)]),
        (b"a: ! x\n", [("document-tag", 1, 4)]),
        (b"!x {a: 1}\n", [("document-tag", 1, 1)]),
        (b"%YAML 1.1\n---\na: yes\n", [("document-directive", 2, 1)]),
        (b"a: 1\n---\nb: 2\n", [("document-directive", 2, 1)]),
        (b"? [a]\n: 1\n", [("document-key", 1, 3)]),
        (b"1: x\n", [("document-key", 1, 1)]),
        (b"true: x\n", [("document-key", 1, 1)]),
        (b"a: 010\n", [("document-number", 1, 4)]),
        (b"a: 0101504444\n", [("document-number", 1, 4)]),
        (b"a: [0x1f, 1_000, 1:30, .inf, .5, 5., 0o7]\n", [("document-number", 1, c) for c in (5, 11, 18)]
            + [("document-number", 1, c) for c in (24, 30, 34, 38)]),
        (b"a: 12345678901234567\n", [("document-number", 1, 4)]),
        (b"a: 9007199254740993\n", [("document-number", 1, 4)]),
        (b"a: [\n", [("document-yaml", 2, 1)]),
        (b"a: b: c\n", [("document-yaml", 1, 5)]),
        (b"a: \x00\n", [("document-yaml", 1, 1)]),
        (b"a: x\n\tb: 1\n", [("document-yaml", 2, 1)]),
        (b"a: 1\nb: \xff\n", [("document-encoding", 2, 1)]),
        ("a: é\n".encode("latin-1"), [("document-encoding", 1, 1)]),
        (b"", [("document-empty", 1, 1)]),
        (b"# nothing\n", [("document-empty", 1, 1)]),
        (b"~\n", [("document-empty", 1, 1)]),
        (b"[" * 100_000, [("document-depth", 1, 33)]),
        (b"a: " + b"x" * (1 << 20), [("document-size", 1, 1)]),
    ],
    ids=lambda v: repr(v)[:24] if isinstance(v, bytes) else "",
)  # fmt: skip
def test_yaml_is_read_strictly(text: bytes, expected: list[tuple[str, int, int]]) -> None:
    assert problems(text) == expected


def test_words_that_some_readers_take_for_booleans_are_texts() -> None:
    label = "{en: no, da: on}"
    loaded = loads(with_digest(DRAFT.replace("{en: Area by visits, da: Område og besøg}", label)), Draft)
    assert (loaded.document.title.en, loaded.document.title.da) == ("no", "on")


def test_types_are_not_bent() -> None:
    text = POLICY.replace("version: 1", 'version: "1"').replace("id: plan\n", "id: 7\n")
    text = text.replace("dpia: D-1", "dpia: true").replace("[analyst]", "analyst")
    codes = {(code, line) for code, line, _ in problems(text, Policy)}
    assert codes == {("document-value", line) for line in (1, 2, 12, 13)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epsilon: 1.0", "epsilon: 1e-999999999"),
        ("epsilon: 1.0", 'epsilon: "1e-999999999"'),
        ("epsilon: 1.0", "epsilon: 1.0000000000001"),
        ("delta: 1e-8", "delta: 1e-300"),
        ("delta: 1e-8", "delta: 1e-11"),
    ],
)
def test_numbers_that_nobody_could_write_out_or_keep_are_refused(old: str, new: str) -> None:
    ((code, line, _),) = problems(DRAFT.replace(old, new))
    assert (code, line) == ("document-value", 19)


def test_entries_that_are_wrong_are_not_also_too_few() -> None:
    text = DRAFT.replace("levels: [centre]", "levels: [7]")
    assert problems(text) == [("document-value", 9, 45)]
    assert problems(DRAFT.replace("levels: [centre]", "levels: []")) == [("document-value", 9, 36)]


def test_forms_are_said_in_words() -> None:
    schemas = "".join(json.dumps(json_schema(model, "x")) for model in (Draft, Manifest, Policy, NodeConfig))
    for pattern in FORMS:
        assert json.dumps(pattern.replace(r"\w", _WORD))[1:-1] in schemas
    with pytest.raises(DocumentErrors) as caught:
        loads(with_digest(DRAFT.replace("federation: small", "federation: Small One")), Draft, "q.yaml")
    assert "Write a name of small letters, digits, - and _, with at least one letter." in str(caught.value)


def test_what_goes_wrong_with_a_file_is_said_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(SamklangError) as caught, about(tmp_path / "policy.json"):
        raise SamklangError("identity-signature")
    assert str(caught.value.at) == f"{tmp_path}/policy.json:1:1"
    with pytest.raises(DocumentErrors) as several, about(tmp_path / "policy.json"):
        raise DocumentErrors([SamklangError("document-empty"), SamklangError("identity-signature")])
    assert {str(p.at) for p in several.value.problems} == {f"{tmp_path}/policy.json:1:1"}
    with pytest.raises(DocumentErrors) as placed, about(tmp_path / "other.json"):
        loads(b"", Draft, "q.yaml")
    assert str(placed.value.at) == "q.yaml:1:1"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SamklangError, match="document-unreadable") as caught:
        load(tmp_path / "none.yaml", Draft)
    assert "none.yaml:1" in str(caught.value)


SECRET = "hunter2-0101504444-hemmelig"
CONFIG: dict[str, object] = {
    "node": {"id": "north"},
    "coordinator": {"address": "127.0.0.1:1"},
    "tls": {"ca": "ca.pem", "certificate": "tls.pem", "key": "tls.key"},
    "identity": "identity.key",
    "documents": {"manifest": "m.json", "codebook": "c.json", "policy": "p.json"},
    "trust": {"manifest": ["x"], "codebook": ["x"], "policy": ["x"]},
    "state": "state",
    "tables": {"citizen": {"file": "a.csv"}},
}


@settings(max_examples=300)
@given(st.data())
def test_a_secret_in_the_wrong_place_is_not_repeated(data: st.DataObject) -> None:
    """A configuration in which somebody put a password or a number, as a value or as a key."""
    config = json.loads(json.dumps(CONFIG))
    here = config
    while True:
        key = data.draw(st.sampled_from(sorted(here)))
        if isinstance(here[key], dict) and data.draw(st.booleans()):
            here = here[key]
            continue
        wrong = data.draw(st.sampled_from([SECRET, [SECRET], {SECRET: SECRET}, {"password": SECRET}]))
        if data.draw(st.booleans()):
            here[key] = wrong
        else:
            here[SECRET] = wrong
        break
    try:
        loads(json.dumps(config).encode(), NodeConfig, "node.yaml")
    except SamklangError as error:
        shown = [str(error), repr(error), *error.public()]
        if isinstance(error, DocumentErrors):
            shown += [repr(p.__dict__) for p in error.problems]
        if any(part in text for text in shown for part in (SECRET, "hunter2", "0101504444")):
            raise AssertionError("the secret was shown") from None


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,?~ \n\t01.é\x00", max_size=60))
def test_any_text_is_a_tree_or_problems(text: str) -> None:
    try:
        loads(text.encode(), Draft)
    except DocumentErrors as errors:
        if not all(p.code in str(errors) for p in errors.problems):
            raise


@pytest.mark.parametrize("name", ["0101504234", "010150-4234", "42", "1_000", "0101504234_"])
@pytest.mark.parametrize("place", ["federation: small", "id: plan"])
def test_what_has_no_letter_is_no_name(name: str, place: str) -> None:
    """So no CPR number can pass for one; what was written isn't repeated."""
    key = place.split(":")[0]
    with pytest.raises(DocumentErrors) as caught:
        loads(with_digest(DRAFT.replace(place, f'{key}: "{name}"')), Draft)
    assert "at least one letter" in str(caught.value)
    assert name not in str(caught.value)


@pytest.mark.parametrize("name", ["a", "1a", "2027-plan", "x" * 63])
def test_names_with_a_letter(name: str) -> None:
    assert loads(with_digest(DRAFT.replace("federation: small", f'federation: "{name}"')), Draft)


def test_every_name_in_every_document_needs_a_letter() -> None:
    """No pattern of a model matches ten digits, but for those of numbers and levels."""
    allowed = {r"^[\w+<>=.\-æøåÆØÅ]{1,40}$"}

    def patterns(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("pattern"), str):
                yield node["pattern"]
            for value in node.values():
                yield from patterns(value)
        elif isinstance(node, list):
            for value in node:
                yield from patterns(value)

    for model in DOCUMENTS.values():
        for pattern in patterns(model.model_json_schema()):
            if pattern not in allowed and not pattern.startswith(r"^(?!^[-+.]*$)"):  # pydantic's decimals
                assert not re.search(pattern, "0101504234"), pattern
