"""A processor's record names every controller whom the enforced documents name, and what is done for each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.records.page import as_markdown
from samklang.cli.records.processor import Processor, controllers, read_processor, write_processor
from samklang.cli.records.words import Words
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import Material, make
from samklang.errors import Language

ROOT = Path(__file__).parents[3]
TODAY = datetime.now(UTC).date()
LANGUAGES: tuple[Language, ...] = ("en", "da")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = read_folder(ROOT / "policies" / "slip-sundheden-fri")
    made = make(folder, tmp_path_factory.mktemp("work"), today=TODAY)
    made.write_addresses("127.0.0.1:1")
    return made


@pytest.fixture(scope="module")
def every(material: Material) -> dict[str, Processor]:
    """By party: each node's and the coordinator's."""
    found = [read_processor(path, TODAY) for path in (*material.nodes.values(), material.coordinator)]
    return {one.party: one for one in found}


def rows(text: str, heading: str) -> list[list[str]]:
    """Of the first table under a heading, without its header."""
    part = text.partition(f"## {heading}\n\n")[2].partition("\n\n")[0]
    table = [line for line in part.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in table[2:]]


def test_every_controller_appears_with_what_is_done_for_it(every: dict[str, Processor]) -> None:
    """As the manifest says it, for every processor of the federation."""
    manifest = next(iter(every.values())).manifest
    processing = [role for role in manifest.legal_roles if role.status == "processor"]
    assert {role.party for role in processing} == set(every), "each of them processes for somebody here"
    nodes = {node.organisation: node for node in manifest.nodes}
    host = next(n for n in manifest.nodes if n.id == "almen-praksis-vest")
    for lang in LANGUAGES:
        for role in processing:
            text = as_markdown(write_processor(every[role.party], lang))
            named = rows(text, Words(lang)("h-behalf"))
            categories = {row[0]: row[1] for row in rows(text, Words(lang)("h-categories"))}
            assert [row[0] for row in named] == list(categories), "the same ones, each once"
            for organisation in role.on_behalf_of:
                label = nodes[organisation].label.model_dump()[lang]
                (row,) = (row for row in named if label in row[0])
                assert row[2] == role.agreement
                assert Words(lang)(f"cat-{role.part}") in categories[row[0]]
                # Who hosts others is no controller: whose names are needed is in a policy that isn't at hand.
                assert ("\\[" in row[0]) == (organisation == host.organisation)
            assert len(named) == (len(role.on_behalf_of) or len(every[host.id].own.policy.controllers))  # type: ignore[union-attr]
            assert Words(lang)(f"does-{role.part}") in text
            assert all(digest in text for digest in every[role.party].digests.values())


def test_a_host_names_each_practice_and_when_it_takes_part(every: dict[str, Processor]) -> None:
    found = every["almen-praksis-vest"]
    assert found.own is not None
    policy = found.own.policy
    behalf = controllers(found, Words("da"))
    assert [one.name for one in behalf] == [one.name for one in policy.controllers]
    late = {one.name: one.joined for one in policy.controllers if one.joined}
    for one in behalf:
        assert one.parts == ("node",)
        if joined := late.get(one.name):
            assert (str(joined.from_) in one.takes_part, str(joined.until) in one.takes_part) == (True, True)
    text = as_markdown(write_processor(found, "da"))
    for grant in policy.grants:
        assert grant.purpose.text in text
        assert all(name in text for name in grant.variables)
    assert "deres rækker tages fra" in text, "practices' rows are told apart in this configuration"


def test_it_follows_the_documents(every: dict[str, Processor]) -> None:
    """A role, an agreement or a controller less or more, and the paper is another one."""
    found = every["coordinator"]
    role = found.roles[0]
    others = tuple(r for r in found.manifest.legal_roles if r != role)

    def with_roles(*roles: object) -> Processor:
        return replace(found, manifest=found.manifest.model_copy(update={"legal_roles": roles}))

    none = as_markdown(write_processor(with_roles(*others), "da"))
    assert "nævner ingen, på hvis vegne" in none
    assert "Kategorier af behandling" not in none
    fewer = role.model_copy(update={"on_behalf_of": ("holstebro-kommune",), "agreement": ""})
    (one,) = controllers(with_roles(*others, fewer), Words("da"))
    assert (one.name, one.agreements) == ("Holstebro Kommune", ("[databehandleraftale]",))
    computes = fewer.model_copy(update={"part": "compute-party", "agreement": "A-1"})
    (one,) = controllers(with_roles(*others, fewer, computes), Words("da"))
    assert (one.parts, one.agreements) == (("coordinator", "compute-party"), ("[databehandleraftale]", "A-1"))


def test_who_opens_cells_says_so_and_who_does_not_says_that(every: dict[str, Processor]) -> None:
    words = Words("da")
    parties = next(iter(every.values())).manifest.compute_parties
    for place, party in enumerate(parties):
        text = as_markdown(write_processor(every[party], "da"))
        assert (words("opens") in text, words("opens-not") in text) == (place > 0, place == 0)
    for party in every.keys() - {*parties}:
        text = as_markdown(write_processor(every[party], "da"))
        assert not any(words(key) in text for key in ("opens", "opens-not", "does-compute-party"))


def test_what_only_people_know_is_left_open_and_marked(every: dict[str, Processor]) -> None:
    for found in every.values():
        for lang in LANGUAGES:
            text, words = as_markdown(write_processor(found, lang)).replace("\\", ""), Words(lang)
            for key in ("contact-processor", "contact-controller", "organisational"):
                assert words(key) in text
            dpos = [s.name for s in found.own.signers if s.as_ == "dpo"] if found.own else []
            assert (words("dpo-missing") in text) == (not dpos)
            assert all(name in text for name in dpos)


def test_measures_are_those_of_the_configuration(every: dict[str, Processor]) -> None:
    words = Words("en")
    found = every["coordinator"]
    assert found.coordinator is not None
    assert words("m-revoked") not in as_markdown(write_processor(found, "en"))
    config = found.coordinator.model_copy(update={"revoked": Path("revoked.txt")})
    assert words("m-revoked") in as_markdown(write_processor(replace(found, coordinator=config), "en"))
    node = every["herning-kommune"]
    assert node.own is not None
    assert words("m-oversight") in as_markdown(write_processor(node, "en"))
    closed = replace(node.own, config=node.own.config.model_copy(update={"oversight": None}))
    assert words("m-oversight") not in as_markdown(write_processor(replace(node, own=closed), "en"))


def test_the_command_takes_a_nodes_or_the_coordinators_configuration(
    material: Material, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "processor.html"
    words = ["record", "processor", "--config", str(material.coordinator), "--language", "da"]
    assert main([*words, "--out", str(out)]) == exits.OK
    assert "art. 30, stk. 2" in out.read_text(encoding="utf-8")
    assert "Herning Kommune" in out.read_text(encoding="utf-8")
    config = str(material.nodes["almen-praksis-vest"])
    assert main(["record", "processor", "--config", config]) == exits.OK
    assert "Lægepraksis 7, Ulfborg" in capsys.readouterr().out
    assert main(["record", "processor", "--config", str(tmp_path / "none.yaml")]) != exits.OK
