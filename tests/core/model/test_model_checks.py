"""Checks across documents: each mistake by itself, with its code and its place."""

from __future__ import annotations

import pytest
from tests.core.model.documents import (
    CODEBOOK,
    DRAFT,
    KEYS,
    MANIFEST,
    POLICY,
    codebook,
    manifest,
    with_digest,
)

from samklang.identity.keys import SigningKey
from samklang.model.checks import check_codebook, check_manifest, check_policy, check_query
from samklang.model.codebook import Codebook
from samklang.model.loading import loads
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.problems import DocumentErrors
from samklang.model.query import Draft


def changed(text: str, old: str, new: str) -> tuple[bytes, int]:
    """The text with one place changed, and the number of the changed line."""
    assert text.count(old) == 1, f"{text.count(old)} times: {old}"
    return with_digest(text.replace(old, new)), text[: text.index(old)].count("\n") + 1


def test_the_base_documents_are_fine() -> None:
    check_codebook(loads(CODEBOOK.encode(), Codebook))
    check_codebook(codebook())
    check_manifest(loads(with_digest(MANIFEST), Manifest))
    check_query(loads(with_digest(DRAFT), Draft), manifest(), codebook())
    check_policy(loads(POLICY.encode(), Policy), manifest(), codebook())


QUOTED = '"0101504444"'

MANIFESTS = {
    "two nodes of a name": ("- id: south", "- id: north", "document-twice"),
    "node called as the coordinator": ("- id: south", "- id: coordinator", "document-twice"),
    "sector twice": ("sectors: [gp]", "sectors: [gp, gp]", "document-twice"),
    "coordinator's organisation has a node": (
        "organisation: operator",
        "organisation: practice",
        "document-coordinator-organisation",
    ),
    "ends before it begins": ("until: 2027-12-31", "until: 2026-12-31", "document-dates"),
    "unknown compute party": ("[north, south, gp]", "[north, soth, gp]", "document-unknown-name"),
    "one compute party twice": ("[north, south, gp]", "[north, north, gp]", "document-twice"),
    "coordinator though not needed": (
        "[north, south, gp]",
        "[coordinator, south, gp]",
        "document-compute-parties-coordinator",
    ),
    "two organisations": (
        "organisation: south-town",
        "organisation: practice",
        "document-compute-parties-two",
    ),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifest(name: str) -> None:
    old, new, code = MANIFESTS[name]
    source, _ = changed(MANIFEST, old, new)
    with pytest.raises(DocumentErrors) as caught:
        check_manifest(loads(source, Manifest, "m.yaml"))
    assert code in {p.code for p in caught.value.problems}
    assert all(p.at and p.at.line > 1 for p in caught.value.problems)


def two_organisations(parties: str) -> Manifest:
    text = MANIFEST.replace("organisation: south-town", "organisation: practice")
    return loads(with_digest(text.replace("[north, south, gp]", parties)), Manifest).document


def test_with_two_organisations_the_coordinator_comes_first() -> None:
    check_manifest(two_organisations("[coordinator, north, gp]"))
    for parties, code in {
        "[north, coordinator, gp]": "document-compute-parties-two",
        "[north, gp, coordinator]": "document-compute-parties-two",
        "[coordinator, south, gp]": "document-compute-parties-organisations",
    }.items():
        with pytest.raises(DocumentErrors, match=code):
            check_manifest(two_organisations(parties))


def test_a_federation_of_one_organisation_is_none() -> None:
    text = MANIFEST.replace("north-town", "practice").replace("south-town", "practice")
    with pytest.raises(DocumentErrors, match="document-compute-parties-few"):
        check_manifest(loads(with_digest(text), Manifest))


def test_equal_keys_are_refused() -> None:
    lines = MANIFEST.splitlines()
    keys = [line.split('"')[1] for line in lines if "identity:" in line]
    for first, second in ((keys[1], keys[2]), (keys[0], keys[3])):
        with pytest.raises(DocumentErrors, match="document-twice"):
            check_manifest(manifest_text(MANIFEST.replace(second, first)))


EVALUATOR = """\
evaluators:
  - {organisation: ORGANISATION, label: {en: Quality, da: Kvalitet}, identity: "IDENTITY"}
"""


@pytest.mark.parametrize(
    ("organisation", "identity", "problems"),
    [
        ("quality", "", 0),
        ("practice", "", 1),
        ("operator", "", 1),
        ("quality", "gp", 1),
        ("practice", "gp", 2),
    ],
)
def test_an_evaluator_is_an_organisation_of_its_own(organisation: str, identity: str, problems: int) -> None:
    key = KEYS[identity] if identity else SigningKey.generate()
    added = EVALUATOR.replace("ORGANISATION", organisation).replace("IDENTITY", key.verify_key.text)
    loaded = loads(with_digest(MANIFEST + added), Manifest)
    if not problems:
        check_manifest(loaded)
        assert organisation in loaded.document.organisations
        return
    with pytest.raises(DocumentErrors) as caught:
        check_manifest(loaded)
    assert [e.code for e in caught.value.problems] == ["document-twice"] * problems


def test_an_evaluator_may_ask_and_has_nothing_to_join() -> None:
    added = EVALUATOR.replace("ORGANISATION", "quality")
    added = added.replace("IDENTITY", SigningKey.generate().verify_key.text)
    federation = loads(with_digest(MANIFEST + added), Manifest).document
    asking = POLICY.replace("organisations: [north-town", "organisations: [quality, north-town")
    assert asking != POLICY
    check_policy(loads(asking.encode(), Policy), federation, codebook())
    with pytest.raises(DocumentErrors):
        check_policy(loads(asking.encode(), Policy), manifest(), codebook())
    joined = POLICY.replace("all_of: [", "all_of: [quality, ")
    assert joined != POLICY
    with pytest.raises(DocumentErrors):
        check_policy(loads(joined.encode(), Policy), federation, codebook())


def manifest_text(text: str) -> Manifest:
    return loads(with_digest(text), Manifest).document


LEVELS = "{id: 0-4, label: {en: 0 to 4, da: 0 til 4}, until: 5}"
CODEBOOKS = {
    "table of an unknown sector": ("visit: {sector: gp", "visit: {sector: pg", "document-unknown-name"),
    "table without cpr": ("{cpr: cpr, day: date}", "{person: cpr, day: date}", "document-table-cpr"),
    "two cpr columns": ("{cpr: cpr, day: date}", "{cpr: cpr, day: cpr}", "document-table-cpr"),
    "population of another table": (
        "SELECT cpr FROM visit}",
        "SELECT cpr FROM citizen}",
        "document-sql-table",
    ),
    "population by period": (
        "SELECT cpr FROM visit}",
        "SELECT cpr FROM visit WHERE day >= $from}",
        "document-population-period",
    ),
    "sql of another sector": (
        "sql: SELECT cpr, area AS value FROM citizen",
        "sql: SELECT cpr, day AS value FROM visit",
        "document-sql-table",
    ),
    "sql that reads a file": (
        "SELECT cpr, income AS value FROM citizen",
        "SELECT cpr, income AS value FROM 'x.csv'",
        "document-sql-name",
    ),
    "variable of an unknown sector": ("sql: {gp: ", "sql: {pg: ", "document-unknown-name"),
    "event of an unknown sector": (
        "start: {sector: kommune",
        "start: {sector: komune",
        "document-unknown-name",
    ),
    "reserved variable": ("  visits:\n", "  target_group:\n", "document-reserved"),
    "reserved target group": ("  busy:\n", "  whole-population:\n", "document-reserved"),
    "reserved level": ("{id: centre,", "{id: ABSENT,", "document-level-reserved"),
    "reserved level in small letters": ("{id: centre,", "{id: missing,", "document-level-reserved"),
    "level twice": ("{id: centre,", "{id: rest,", "document-twice"),
    "other that is no level": ("other: rest", "other: rst", "document-unknown-name"),
    "level without anything": (", values: [C]}", "}", "document-level-empty"),
    "level with both": (", values: [C]}", ", values: [C], from: 1}", "document-level-both"),
    "level without values": (", values: [C]}", ", values: []}", "document-level-empty"),
    "value twice": (", values: [C]}", ", values: [C, C]}", "document-banding-overlap"),
    "values of a total": (LEVELS, LEVELS.replace("until: 5", "values: [1]"), "document-level-values"),
    "overlapping ranges": (LEVELS, LEVELS.replace("until: 5", "until: 6"), "document-banding-overlap"),
    "ranges out of order": (
        LEVELS,
        LEVELS.replace("until: 5", "from: 8, until: 9"),
        "document-banding-overlap",
    ),
    "open range first": (LEVELS, LEVELS.replace("until: 5", "from: 0"), "document-banding-overlap"),
    "empty range": (LEVELS, LEVELS.replace("until: 5", "from: 5, until: 5"), "document-banding-range"),
    "negative total": (LEVELS, LEVELS.replace("until: 5", "until: 0"), "document-banding-unreachable"),
    "clip the wrong way round": ("clip: [0, 1000]", "clip: [1000, 0]", "document-clip"),
    "empty clip": ("clip: [0, 1000]", "clip: [7, 7]", "document-clip"),
    "default outside the clip": ("default: 0", "default: 11", "document-default"),
    "default of a measure outside": (
        "clip: [0, 1000]",
        "default: -1\n    clip: [0, 1000]",
        "document-default",
    ),
    "at least too many": ("at_least: 1", "at_least: 3", "document-at-least"),
    "clause on nothing": ("[{variable: visits,", "[{variable: visit,", "document-unknown-name"),
    "clause on a measure": ("[{variable: visits,", "[{variable: income,", "document-clause-kind"),
    "clause of another sector": ("{sector: gp, all:", "{sector: kommune, all:", "document-clause-sector"),
    "clause on no banding": ("visits, banding: two", "visits, banding: three", "document-unknown-name"),
    "clause on no level": ("levels: [5+]", "levels: [6+]", "document-unknown-name"),
}


@pytest.mark.parametrize("name", CODEBOOKS)
def test_codebook(name: str) -> None:
    old, new, code = CODEBOOKS[name]
    source, _ = changed(CODEBOOK, old, new)
    with pytest.raises(DocumentErrors) as caught:
        check_codebook(loads(source, Codebook, "c.yaml"))
    assert code in {p.code for p in caught.value.problems}
    assert all(p.at and p.at.file == "c.yaml" and p.at.line > 1 for p in caught.value.problems)


def test_a_category_may_have_ranges_and_values() -> None:
    levels = "levels:\n          - {id: low, label: {en: a, da: a}, until: 5}\n          "
    good = CODEBOOK.replace("levels:\n          - {id: centre", levels + "- {id: centre", 1)
    check_codebook(loads(good.replace("values: [C]", "values: [C, 7, 5]").encode(), Codebook))
    with pytest.raises(DocumentErrors, match="document-banding-overlap"):
        check_codebook(loads(good.replace("values: [C]", "values: [C, 4]").encode(), Codebook))


QUERIES = {
    "another federation": ("federation: small", "federation: large", "document-query-federation"),
    "another codebook": ("codebook: DIGEST", "codebook: sha256:" + "0" * 64, "document-query-codebook"),
    "period the wrong way round": ("{from: 2026-01-01", "{from: 2028-01-01", "document-dates"),
    "unknown target group": ("target_group: busy", "target_group: bussy", "document-unknown-name"),
    "unknown variable": ("- {variable: visits", "- {variable: visit", "document-unknown-name"),
    "unknown banding": (
        "{variable: visits, banding: two}",
        "{variable: visits, banding: tow}",
        "document-unknown-name",
    ),
    "unknown sector": ("{presence: gp}", "{presence: gb}", "document-unknown-name"),
    "measure as an axis": (
        "{variable: gap, banding: one}",
        "{variable: income, banding: one}",
        "document-query-measure-axis",
    ),
    "axis twice": ("{variable: gap, banding: one}", "{variable: visits, banding: two}", "document-twice"),
    "axis as a measure": ("{variable: income}", "{variable: visits}", "document-query-not-measure"),
    "unknown measure": ("{variable: income}", "{variable: incme}", "document-unknown-name"),
    "measure twice": ("{variable: income, as: count}", "{variable: income, as: sum}", "document-twice"),
    "filter by a total": (
        "{variable: area, banding: two, levels: [centre]}",
        "{variable: visits, banding: two, levels: [5+]}",
        "document-query-filter",
    ),
    "filter by no level": ("levels: [centre]", "levels: [center]", "document-unknown-name"),
    "filter by the absent": ("levels: [centre]", "levels: [ABSENT]", "document-unknown-name"),
    "require on no axis": ("{area: [present],", "{aera: [present],", "document-unknown-name"),
    "require no level": ("visits: [5+, MISSING]", "visits: [6+, MISSING]", "document-unknown-name"),
    "require a conflict": ("visits: [5+, MISSING]", "visits: [CONFLICT]", "document-unknown-name"),
    "require nothing": ("visits: [5+, MISSING]", "visits: []", "document-query-require"),
    "start only of a total": ("visits: [5+, MISSING]", "visits: [START-ONLY]", "document-unknown-name"),
    "unknown node": ("nodes: [north, gp]", "nodes: [nort, gp, south]", "document-unknown-name"),
    "node twice": ("nodes: [north, gp]", "nodes: [north, gp, gp]", "document-twice"),
    "no node of a sector": ("nodes: [north, gp]", "nodes: [north, south]", "document-sector-unserved"),
    "one node": ("nodes: [north, gp]", "nodes: [gp]", "document-query-one-node"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_query(name: str) -> None:
    old, new, code = QUERIES[name]
    source, line = changed(DRAFT, old, new)
    with pytest.raises(DocumentErrors) as caught:
        check_query(loads(source, Draft, "q.yaml"), manifest(), codebook())
    (hit, *_) = [p for p in caught.value.problems if p.code == code]
    assert hit.at is not None
    assert (hit.at.file, hit.at.line) == ("q.yaml", line)


def test_what_was_meant_is_named() -> None:
    source, _ = changed(DRAFT, "- {variable: visits", "- {variable: visit")
    with pytest.raises(DocumentErrors, match="Did you mean 'visits'"):
        check_query(loads(source, Draft, "q.yaml"), manifest(), codebook())


def test_all_problems_of_a_query_at_once() -> None:
    text = DRAFT.replace("federation: small", "federation: large").replace("as: count", "as: sum")
    text = text.replace("{presence: gp}", "{presence: gb}").replace("[5+, MISSING]", "[6+]")
    with pytest.raises(DocumentErrors) as caught:
        check_query(loads(with_digest(text), Draft, "q.yaml"), manifest(), codebook())
    assert [p.code for p in caught.value.problems] == [
        "document-query-federation",
        "document-unknown-name",
        "document-twice",
        "document-unknown-name",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "{variable: visits, banding: two}\n  - {variable: gap",
            "{variable: visit, banding: two}\n  - {variable: gap",
        ),
        (
            "{variable: visits, banding: two}\n  - {variable: gap",
            "{variable: visits, banding: tow}\n  - {variable: gap",
        ),
        ("{presence: gp}", "{presence: gb}"),
    ],
)
def test_one_mistyped_axis_is_one_problem(old: str, new: str) -> None:
    """What is required of the axis that was meant isn't a second mistake."""
    source, _ = changed(DRAFT, old, new)
    with pytest.raises(DocumentErrors) as caught:
        check_query(loads(source, Draft, "q.yaml"), manifest(), codebook())
    assert [p.code for p in caught.value.problems] == ["document-unknown-name"]


def test_a_number_of_a_citizen_is_not_repeated() -> None:
    for old in ("target_group: busy", "levels: [centre]", "area: [present]"):
        key, _, value = old.partition(": ")
        new = f"{key}: {value.replace(value.strip('[]'), QUOTED)}"
        source, _ = changed(DRAFT, old, new)
        with pytest.raises(DocumentErrors) as caught:
            check_query(loads(source, Draft, "q.yaml"), manifest(), codebook())
        code = "document-value" if key == "target_group" else "document-unknown-name"
        assert code in str(caught.value)
        assert "0101504444" not in str(caught.value)


def test_a_node_with_nothing_to_say_is_left_out() -> None:
    text = DRAFT.replace("target_group: busy\n", "").replace("  - {variable: income}\n", "")
    text = text.replace("  - {variable: visits, banding: two}\n", "").replace(", visits: [5+, MISSING]", "")
    text = text.replace("  - {variable: gap, banding: one}\n  - {presence: gp}\n", "")
    text = text.replace(", gp: [present], gap: [soon, START-ONLY]", "")
    source = with_digest(text.replace("nodes: [north, gp]", "nodes: [north, south, gp]"))
    with pytest.raises(DocumentErrors, match="document-query-idle-node"):
        check_query(loads(source, Draft, "q.yaml"), manifest(), codebook())
    check_query(
        loads(with_digest(text.replace("nodes: [north, gp]", "nodes: [north, south]")), Draft),
        manifest(),
        codebook(),
    )


AKEY = KEYS["north"].verify_key.text
POLICIES = {
    "another node": ("node: north,", "node: nort,", "document-unknown-name"),
    "ends before it begins": ("until: 2027-12-31", "until: 2026-12-31", "document-dates"),
    "unknown organisation": ("[north-town, practice]", "[north-town, practise]", "document-unknown-name"),
    "unknown people": ("who: [analyst]", "who: [analysts]", "document-unknown-name"),
    "unknown target group": ("[busy, whole", "[busier, whole", "document-unknown-name"),
    "unknown partner": ("{all_of: [practice]}", "{all_of: [praxis]}", "document-unknown-name"),
    "rule on nothing": ("  gap/one:", "  gap/two:", "document-unknown-name"),
    "rule on a sector": ("  presence of kommune:", "  presence of komune:", "document-unknown-name"),
    "bare name opened": ("cpr: {release: match}", "area: {release: joint}", "document-policy-bare"),
    "grant without a rule": ("[area/two, gap/one,", "[visits/two, gap/one,", "document-unknown-name"),
    "grant of something closed": (
        "gap/one: {release: joint}",
        "gap/one: {release: match}",
        "document-policy-closed",
    ),
    "clip of an axis": (
        "gap/one: {release: joint}",
        "gap/one: {release: joint, clip: [0, 1]}",
        "document-policy-clip",
    ),
    "empty clip": ("clip: [0, 2000]", "clip: [0, 0]", "document-clip"),
    "caps that shrink": ("month: {epsilon: 2}", "month: {epsilon: 5}", "document-policy-budget"),
    "opt-out of nothing": ("registers: [objections]", "registers: []", "document-policy-registers"),
    "register of nothing": ("model: opt-out", "model: none", "document-policy-registers"),
    "two persons of one role": (
        "{mode: auto}",
        "{mode: two-person, roles: [steward]}",
        "document-policy-roles",
    ),
    "nobody to approve": ("{mode: auto}", "{mode: auto, manual_if: [many-cells]}", "document-policy-roles"),
    "an approval that nobody can give": (
        "{mode: auto}",
        "{mode: manual, roles: [steward]}",
        "document-policy-approvers",
    ),
    "one key under two names": (
        "people:",
        f"approvers: {{a: {{role: steward, key: '{AKEY}'}}, b: {{role: owner, key: '{AKEY}'}}}}\npeople:",
        "document-policy-approver-key",
    ),
    "return beside statistics": ("[stratify]", "[stratify, return]", "document-policy-return"),
    "return without a rule": ("[stratify]", "[return]", "document-policy-return"),
    "rule without return": (
        "    approval:",
        "    return_to: {node: north, max_persons: 5}\n    approval:",
        "document-policy-return",
    ),
    "prohibition of nothing": (
        ", from_family: statistical, to_family: care",
        "",
        "document-policy-prohibition",
    ),
    "half a prohibition": (", to_family: care", "", "document-policy-prohibition"),
}


@pytest.mark.parametrize("name", POLICIES)
def test_policy(name: str) -> None:
    old, new, code = POLICIES[name]
    source, _ = changed(POLICY, old, new)
    with pytest.raises(DocumentErrors) as caught:
        check_policy(loads(source, Policy, "p.yaml"), manifest(), codebook())
    assert code in {p.code for p in caught.value.problems}
    assert all(p.at and p.at.file == "p.yaml" for p in caught.value.problems)


def test_a_return_has_a_grant_of_its_own() -> None:
    text = POLICY.replace("[stratify]", "[return]").replace("family: statistical, text", "family: care, text")
    text = text.replace("model: opt-out", "model: opt-in")
    text = text.replace(
        "    approval:",
        f"    rule: sha256:{'0' * 64}\n    return_to: {{node: north, max_persons: 5}}\n    approval:",
    )
    check_policy(loads(text.encode(), Policy), manifest(), codebook())
