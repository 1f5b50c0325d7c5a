"""The papers say what the enforced policy says, in both languages, and mark what nobody has confirmed."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.records.facts import Facts, read_facts
from samklang.cli.records.page import Page, as_html, as_markdown
from samklang.cli.records.risks import RISKS
from samklang.cli.records.templates import TEMPLATES, Template, write
from samklang.cli.records.words import TEXTS
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import Material, make
from samklang.errors import Language
from samklang.model.articles import basis

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "policies" / "slip-sundheden-fri"
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    made = make(read_folder(FOLDER), tmp_path_factory.mktemp("work"), today=TODAY)
    made.write_addresses("127.0.0.1:1")
    return made


@pytest.fixture(scope="module")
def facts(material: Material) -> Facts:
    return read_facts(material.nodes["herning-kommune"], TODAY)


def test_every_text_is_in_both_languages_with_the_same_fields() -> None:
    for key, texts in TEXTS.items():
        names = [
            {name for _, name, _, _ in string.Formatter().parse(texts[lang]) if name} for lang in ("en", "da")
        ]
        assert names[0] == names[1], key


def test_every_text_is_used() -> None:
    folder = ROOT / "cli/samklang/cli/records"
    source = "".join(
        p.read_text(encoding="utf-8") for p in folder.glob("*.py") if not p.name.startswith("words")
    )
    begun = {"title", "release", "part", "status", "family", "short", "p", "c", "cat", "does"}
    of_policies = {"opt-out", "opt-in", "manual", "two-person", "new-template", "many-cells", "large-budget"}
    for key in TEXTS.keys() - of_policies:
        composed = key.split("-")[0] in begun or key.rstrip("s") in ("year", "month", "day", "hour")
        assert composed or re.search(f"['\"]{key}['\"]", source), key


@pytest.mark.parametrize("lang", ["en", "da"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_it_says_what_is_enforced(facts: Facts, template: Template, lang: Language) -> None:
    text = as_markdown(write(template, facts, lang))
    policy = facts.policy
    for grant in policy.grants:
        assert grant.purpose.text in text
        assert basis(grant.basis.gdpr, grant.basis.danish, lang) in text
        for name in grant.variables:
            assert name in text
    for controller in policy.controllers:
        assert template == "dpia" or controller.name in text
    assert facts.policy_digest in text
    assert all(table in text for table in facts.own_tables)
    assert "admission" not in text
    if template == "dpia":
        assert all(re.search(rf"[ ,(]{p.id}[;)]", text) for p in policy.prohibitions)
        assert "floor-evaluator-gets-no-persons" in text


def test_a_rule_of_policy_and_floor_is_listed_once_with_both_sources(facts: Facts) -> None:
    own, floor = "evaluator-gets-no-persons", "floor-evaluator-gets-no-persons"
    said: dict[Language, str] = {
        "en": f"(the policy's {own}; the federation's floor, {floor})",
        "da": f"(politikkens {own}; føderationens mindstekrav, {floor})",
    }
    for lang, sources in said.items():
        text = as_markdown(write("dpia", facts, lang))
        lines = [line for line in text.splitlines() if line.startswith("- Forb")]
        assert len({re.sub(r"\([^()]*\)$", "", line) for line in lines}) == len(lines)
        assert len(lines) < len(facts.policy.prohibitions)
        assert sum(sources in line for line in lines) == 1


def test_who_hosts_practices_is_their_processor_and_no_controller(material: Material, facts: Facts) -> None:
    own = read_facts(material.nodes["almen-praksis-vest"], TODAY)
    practices = "; ".join(controller.name for controller in own.policy.controllers)
    label = "Almen praksis i Herning og Holstebro"
    for template in TEMPLATES:
        text = as_markdown(write(template, own, "da"))
        rows = [
            line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(f"| {label} |")
        ]
        (row,) = (row for row in rows if "databehandler (art. 28)" in row)
        assert row[3] == practices
        assert f"{label} driver noden og er databehandler" in text
        assert f"på vegne af {label}" not in text
    # In others' papers the policy isn't at hand: whose it is has to be enough.
    text = as_markdown(write("art30", facts, "da"))
    assert f"de dataansvarlige, som politikken for {label} nævner" in text
    assert "driver noden" not in text
    (row,) = (line for line in text.splitlines() if line.startswith(f"| {label} |") and "art. 28" in line)
    assert row.count(label) == 2, "itself, and in whose policy names them"


def test_a_manifest_that_names_the_host_itself_reads_the_same(material: Material) -> None:
    """As manifests were written that have been signed."""
    own = read_facts(material.nodes["almen-praksis-vest"], TODAY)
    roles = tuple(
        role.model_copy(update={"on_behalf_of": ("almen-praksis-vest",)})
        if (role.party, role.part) == ("almen-praksis-vest", "node")
        else role
        for role in own.manifest.legal_roles
    )
    manifest = own.manifest.model_copy(update={"legal_roles": roles})
    older = Facts(**{**{n: getattr(own, n) for n in own.__dataclass_fields__}, "manifest": manifest})
    assert as_markdown(write("art30", older, "da")) == as_markdown(write("art30", own, "da"))


def test_what_nobody_has_confirmed_is_an_assumption_until_somebody_has(facts: Facts) -> None:
    assert as_markdown(write("art30", facts, "da")).count("ANTAGELSE") == len(facts.policy.grants)
    grants = tuple(
        g.model_copy(update={"basis": g.basis.model_copy(update={"confirmed_by": "Juridisk afdeling"})})
        for g in facts.policy.grants
    )
    policy = facts.policy.model_copy(update={"grants": grants})
    rules = facts.rules.__class__(policy, policy, facts.rules.floor, ())
    confirmed = Facts(**{**{n: getattr(facts, n) for n in facts.__dataclass_fields__}, "rules": rules})
    text = as_markdown(write("art30", confirmed, "da"))
    assert "ANTAGELSE" not in text
    assert "Juridisk afdeling" in text


def test_a_clause_that_the_floor_narrows_is_written_as_it_holds(facts: Facts) -> None:
    from samklang.policy import enforce

    manifest = facts.manifest.model_copy(
        update={"floor": facts.manifest.floor.model_copy(update={"min_count": 20, "max_axes": 2})}
    )
    narrower = Facts(
        **{
            **{n: getattr(facts, n) for n in facts.__dataclass_fields__},
            "rules": enforce(facts.rules.written, manifest),
        }
    )
    text = as_markdown(write("dpia", narrower, "en"))
    assert "least count 20" in text
    assert "stricter than the policy here: defaults.min_count" in text
    assert re.search(r"\| plan-care \| [^|]+ \| 2 \| 20 \|", text)


def test_risks_are_those_of_the_threat_model() -> None:
    titles = re.findall(r"^#+ (.+)$", (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8"), re.M)
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    assert {risk.anchor for risk in RISKS} <= anchors
    assert len({risk.id for risk in RISKS}) == len(RISKS)


def test_a_coordinator_that_computes_is_a_risk_of_its_own(facts: Facts) -> None:
    listed = [risk.id for risk in RISKS if risk.applies(facts)]
    assert "coordinator-computes" not in listed
    parties = ("coordinator", *facts.manifest.compute_parties[1:])
    two = Facts(
        **{
            **{n: getattr(facts, n) for n in facts.__dataclass_fields__},
            "manifest": facts.manifest.model_copy(update={"compute_parties": parties}),
        }
    )
    assert "coordinator-computes" in [risk.id for risk in RISKS if risk.applies(two)]


def test_texts_can_be_no_markup() -> None:
    page = Page("a <b> | c", "en")
    page.text("<script>x</script> [link](x) `code`")
    page.table(["a|b"], [["<td>"]])
    html, markdown = as_html(page), as_markdown(page)
    assert "<script>" not in html
    assert "&lt;td&gt;" in html
    assert "\\[link\\]" in markdown
    assert "a\\|b" in markdown
    assert "\\<script>" in markdown

    open_tags: list[str] = []

    class Balanced(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag != "meta":
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Balanced().feed(html)
    assert not open_tags


def test_the_command_writes_a_file_and_none_twice(
    material: Material, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, out = str(material.nodes["almen-praksis-vest"]), tmp_path / "art30.html"
    words = ["record", "art30", "--config", config, "--language", "da", "--out", str(out)]
    assert main(words) == exits.OK
    text = out.read_text(encoding="utf-8")
    assert '<html lang="da">' in text
    # Every practice is a controller of its own, and has signed.
    assert text.count("Dataansvarlig: Lægepraksis") == 7
    assert "deres rækker tages fra, før der beregnes noget" in text
    assert "2027-10-01" in text or "1. oktober 2027" in text or "01.10.2027" in text
    assert main(words) != exits.OK
    capsys.readouterr()
    assert main(["record", "dpia", "--config", config]) == exits.OK
    assert "Risks that remain" in capsys.readouterr().out
