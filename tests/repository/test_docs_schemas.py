"""The JSON Schemas are what the models say, and every sample document is checked by the one it names."""

from __future__ import annotations

import copy
import json
import runpy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from samklang.analyst.question import complete, load_draft
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import make
from samklang.errors import SamklangError
from samklang.model.canonical import canonical
from samklang.model.codebook import Codebook
from samklang.model.loading import loads
from samklang.model.policy import Policy
from samklang.model.query import Analyst
from samklang.model.yaml_tree import read_tree

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "policies" / "schema"
SAMPLES = sorted(p for base in ("policies", "benchmarks") for p in (ROOT / base).rglob("*.yaml"))
MARK = "# yaml-language-server: $schema="
GENERATE = runpy.run_path(str(SCHEMAS / "generate.py"))
KINDS = {"nodes": "node-part.json", "policies": "policy.json", "queries": "question.json"}


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def content(path: Path) -> Any:
    return read_tree(path.read_bytes(), path.name).data


def kind(path: Path) -> str:
    if path.name.endswith(".cases.yaml"):
        return "cases.json"
    stem = path.name.split(".")[0].split("-")[0]
    return KINDS.get(path.parent.name) or f"{stem}.json"


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def mappings(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict):
        yield path
        for key, value in node.items():
            yield from mappings(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from mappings(value, (*path, index))


def at(node: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        node = node[part]
    return node


def test_the_committed_schemas_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    if GENERATE["main"](["--check"]):
        pytest.fail(capsys.readouterr().err)


def test_a_stale_missing_or_left_over_schema_is_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main: Callable[[list[str], Path], int] = GENERATE["main"]
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    (tmp_path / "policy.json").write_text("{}\n", encoding="utf-8")
    (tmp_path / "query.json").unlink()
    (tmp_path / "old.json").write_text("{}\n", encoding="utf-8")
    assert main(["--check"], tmp_path) == 1
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        f"policies/schema/{name}.json" for name in ("old", "policy", "query")
    ]
    assert main(["--chekc"], tmp_path) == 2


def test_there_are_samples_of_every_kind_that_people_write() -> None:
    assert {kind(p) for p in SAMPLES} == {"federation.json", "codebook.json", "cases.json", *KINDS.values()}
    assert len(SAMPLES) > 60


@pytest.mark.parametrize("path", SAMPLES, ids=short)
def test_a_sample_names_its_schema_and_is_valid(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(MARK)
    schema = (path.parent / first.removeprefix(MARK)).resolve()
    assert schema == SCHEMAS / kind(path)
    errors = [f"{e.json_path}: {e.message}" for e in validator(schema.name).iter_errors(content(path))]
    assert errors == []


def test_whole_configurations_and_signed_documents_are_valid(tmp_path: Path) -> None:
    """What a sandbox writes, and what is signed (canonical: numbers that aren't whole are texts)."""
    made = make(read_folder(ROOT / "benchmarks" / "federation"), tmp_path, today=datetime.now(UTC).date())
    made.write_addresses("127.0.0.1:4711")
    files = {made.coordinator: "coordinator.json", made.client: "client.json"}
    files |= dict.fromkeys(made.nodes.values(), "node.json")
    for path, name in files.items():
        assert validator(name).is_valid(content(path)), name
        assert not validator(name).is_valid({**content(path), "sate": "x"})
    question = load_draft(ROOT / "benchmarks/federation/queries/four-axes.yaml", made.manifest).document
    query = complete(question, made.manifest, Analyst(id="anna", organisation="kommune"))
    for name, document in (
        ("manifest.json", made.manifest),
        ("codebook.json", made.codebook),
        ("query.json", query),
    ):
        assert validator(name).is_valid(json.loads(canonical(document))), name
        assert not validator(name).is_valid({**json.loads(canonical(document)), "nodez": []})


@pytest.mark.parametrize("name", sorted({kind(p) for p in SAMPLES}))
def test_a_misspelt_key_fails_wherever_it_stands(name: str) -> None:
    path = max((p for p in SAMPLES if kind(p) == name), key=lambda p: (p.stat().st_size, p))
    document = content(path)
    places = list(mappings(document))
    assert len(places) > 3
    for place in places:
        for key in at(document, place):
            wrong = copy.deepcopy(document)
            mapping = at(wrong, place)
            mapping[f"{key}!"] = mapping.pop(key)
            assert not validator(name).is_valid(wrong), (place, key)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("question.json", lambda d: d.update(axis=d.pop("axes")), "'axis' was unexpected"),
        ("question.json", lambda d: d.pop("period"), "'period' is a required property"),
        ("question.json", lambda d: d.update(privacy={"epsilon": 9}), "not valid under any"),
        ("question.json", lambda d: d["period"].update({"from": "1/1 2026"}), "is not a 'date'"),
        ("question.json", lambda d: d.update(operation="strafity"), "'stratify' was expected"),
        ("question.json", lambda d: d.update(axes=[]), "should be non-empty"),
        ("policy.json", lambda d: d["grants"][0].update(budjet={}), "'budjet' was unexpected"),
        ("policy.json", lambda d: d["variables"].update({"Cpr": {"release": "joint"}}), "'Cpr' does not"),
        ("policy.json", lambda d: d["defaults"].update(min_count=2), "less than the minimum"),
        ("codebook.json", lambda d: d.update(target_group={}), "'target_group' was unexpected"),
        ("federation.json", lambda d: d["nodes"].clear(), "[] "),
        ("federation.json", lambda d: d["nodes"][0].update(sector="x"), "'sector' was unexpected"),
        ("node-part.json", lambda d: d.update(tls={}), "'tls' was unexpected"),
    ],
)  # fmt: skip
def test_mistakes_are_named(name: str, change: Callable[[Any], Any], message: str) -> None:
    path = next(p for p in SAMPLES if kind(p) == name and "defaults" in {"defaults", *content(p)})
    document = content(path)
    assert validator(name).is_valid(document)
    change(document)
    assert message in " | ".join(e.message for e in validator(name).iter_errors(document))


@pytest.mark.parametrize(("name", "model"), [("codebook.json", Codebook), ("policy.json", Policy)])
def test_the_schema_and_the_loader_agree_on_what_is_left_out(name: str, model: type[Any]) -> None:
    """Without any one key, a document is valid to the schema if and only if it is to the loader."""
    path = min((p for p in SAMPLES if kind(p) == name), key=lambda p: (p.stat().st_size, p))
    document = content(path)
    seen = {True: 0, False: 0}
    for place in mappings(document):
        for key in at(document, place):
            less = copy.deepcopy(document)
            del at(less, place)[key]
            valid = validator(name).is_valid(less)
            assert valid == loads_well(less, model), (place, key)
            seen[valid] += 1
    assert min(seen.values()) > 5


def loads_well(document: Any, model: type[Any]) -> bool:
    try:
        loads(json.dumps(document).encode(), model)
    except SamklangError:
        return False
    return True


def test_keys_have_descriptions() -> None:
    """Most keys say what they are; those that don't are of a type that does, or are plain from their name."""
    told = total = 0
    for name in GENERATE["schemas"]():
        schema = validator(name).schema
        for part in (schema, *schema["$defs"].values()):
            for key in part["properties"].values():
                total += 1
                referred = schema["$defs"].get(key.get("$ref", "").rsplit("/", 1)[-1], {})
                told += "description" in key or "description" in referred
    assert told / total > 0.75, (told, total)


def test_defaults_are_valid_themselves_and_exact() -> None:
    for name in GENERATE["schemas"]():
        schema = validator(name).schema
        for part in (schema, *schema["$defs"].values()):
            for key, value in part["properties"].items():
                if "default" in value:
                    alone = Draft202012Validator({**value, "$defs": schema["$defs"]})
                    assert alone.is_valid(value["default"]), (name, key)
    privacy = validator("question.json").schema["properties"]["privacy"]["default"]
    assert Decimal(str(privacy["delta"])) == Decimal("1e-8")
