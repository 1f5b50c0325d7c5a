"""A folder of documents becomes keys, signatures and configurations that the real readers accept."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samklang.analyst.asker import load_asker
from samklang.analyst.config import load_client_config
from samklang.analyst.question import complete, load_draft
from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.overseeing.config import load_officer_config
from samklang.cli.sandbox.askers import Asker, askers
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import Material, make
from samklang.errors import SamklangError
from samklang.identity.keys import VerifyKey
from samklang.identity.pki import peer_from_certificate
from samklang.model.config import Signer, load_coordinator_config, load_node_config
from samklang.model.policy import Policy
from samklang.model.problems import DocumentErrors
from samklang.model.signing import verify_codebook, verify_document, verify_manifest, verify_query
from samklang.node.documents import signing_keys
from samklang.transport.tls import TlsFiles, channel_credentials, server_credentials

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks" / "federation"
WEST = ROOT / "policies" / "slip-sundheden-fri"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    made = make(read_folder(FOLDER), tmp_path_factory.mktemp("work"), today=NOW.date())
    made.write_addresses("127.0.0.1:4711")
    return made


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "folder")
    return tmp_path / "folder"


def test_configurations_are_read_and_their_files_exist(material: Material) -> None:
    coordinator = load_coordinator_config(material.coordinator)
    assert coordinator.coordinator.listen == "127.0.0.1:4711"
    server_credentials(TlsFiles(**dict(coordinator.tls)))
    for name, path in material.nodes.items():
        node = load_node_config(path)
        assert node.node.id == name
        assert node.coordinator.address == "127.0.0.1:4711"
        channel_credentials(TlsFiles(**dict(node.tls)))
        peer = peer_from_certificate(node.tls.certificate.read_bytes())
        assert (peer.federation, peer.kind, peer.name) == ("benchmark", "node", name)
        keys = [VerifyKey.from_text(text) for text in signing_keys(node.trust.policy)]
        policy = verify_document(node.documents.policy.read_bytes(), Policy, keys).document
        assert policy.policy.node == name
        for source in node.tables.values():
            assert all(file.parent == FOLDER / "data" for file in source.file)


def test_documents_verify_under_the_trusted_keys_alone(material: Material) -> None:
    config = load_node_config(next(iter(material.nodes.values())))
    keys = [VerifyKey.from_text(text) for text in config.trust.manifest]
    manifest = verify_manifest(config.documents.manifest.read_bytes(), keys, NOW).document
    assert manifest == material.manifest
    assert (
        verify_codebook(config.documents.codebook.read_bytes(), keys, manifest).document == material.codebook
    )
    other = [VerifyKey.from_text(manifest.nodes[0].identity)]
    with pytest.raises(SamklangError):
        verify_manifest(config.documents.manifest.read_bytes(), other, NOW)


def test_every_party_has_keys_of_its_own(material: Material) -> None:
    keys = {material.manifest.coordinator.identity, *(node.identity for node in material.manifest.nodes)}
    assert len(keys) == 1 + len(material.manifest.nodes)
    files = [*material.workdir.rglob("*.key")]
    # Two each; an officer has a certificate's key alone.
    assert len(files) == 2 * (len(material.manifest.nodes) + 2) + len(material.officers)
    assert len({file.read_bytes() for file in files}) == len(files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert material.workdir.stat().st_mode & 0o077 == 0


def test_the_analyst_can_sign_what_every_node_accepts(material: Material) -> None:
    config = load_client_config(material.client)
    who = load_asker(config.identity, config.credential)
    draft = load_draft(FOLDER / "queries" / "four-axes.yaml", material.manifest).document
    query = complete(draft, material.manifest, who.analyst)
    bundle = who.sign(query, material.manifest, NOW)
    verified = verify_query(bundle, material.manifest, NOW)
    assert (verified.organisation, verified.role) == ("kommune", "analyst")
    assert verified.query.recipients == ("analyst",)
    assert complete(draft, material.manifest, who.analyst).nonce != query.nonce


def test_a_draft_for_another_federation_or_codebook_is_refused(material: Material) -> None:
    draft = load_draft(FOLDER / "queries" / "four-axes.yaml", material.manifest).document
    who = load_asker(*(getattr(load_client_config(material.client), f) for f in ("identity", "credential")))
    for change, code in (
        ({"federation": "elsewhere"}, "client-other-federation"),
        ({"codebook": "sha256:" + "0" * 64}, "client-other-codebook"),
    ):
        with pytest.raises(SamklangError) as caught:
            complete(draft.model_copy(update=change), material.manifest, who.analyst)
        assert caught.value.code == code


def test_a_wrong_draft_is_named_with_its_place(material: Material, tmp_path: Path) -> None:
    path = tmp_path / "q.yaml"
    path.write_text((FOLDER / "queries" / "four-axes.yaml").read_text().replace("axes:", "axis:"))
    with pytest.raises(DocumentErrors) as caught:
        load_draft(path, material.manifest)
    assert f"{path}:6:" in str(caught.value)
    assert "axes" in str(caught.value)


def test_keys_in_a_template_are_replaced(copy: Path, tmp_path: Path) -> None:
    text = (copy / "federation.yaml").read_text()
    key = "ed25519:" + "A" * 43 + "="
    text = text.replace("organisation: operator}", f'organisation: operator, identity: "{key}"}}')
    (copy / "federation.yaml").write_text(text + f'codebook: "sha256:{"0" * 64}"\n')
    made = make(read_folder(copy), tmp_path / "work", today=NOW.date())
    assert key not in (tmp_path / "work" / "documents" / "manifest.json").read_text()
    assert made.manifest.coordinator.identity != key


@pytest.mark.parametrize(
    "missing", ["federation.yaml", "codebook.yaml", "policies/gp.yaml", "nodes/region.yaml"]
)
def test_an_incomplete_folder_is_named(copy: Path, missing: str) -> None:
    (copy / missing).unlink()
    with pytest.raises(SamklangError) as caught:
        read_folder(copy)
    assert caught.value.code == "sandbox-folder"
    assert missing in caught.value.what


def test_a_node_part_may_not_set_what_the_sandbox_sets(copy: Path) -> None:
    with open(copy / "nodes" / "gp.yaml", "a") as file:
        file.write("coordinator: {address: 'evil.example:1'}\n")
    with pytest.raises(SamklangError) as caught:
        read_folder(copy)
    assert caught.value.code == "sandbox-folder"


WRONG = {
    "codebook.yaml": ("SELECT cpr, admissions AS value FROM hospital", "SELECT cpr FROM '/etc/passwd'"),
    "federation.yaml": ("id: gp", "id: kommune"),
    "policies/gp.yaml": ("node: gp,", "node: region,"),
    "nodes/gp.yaml": ("file:", "fil:"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_stands_in_the_authors_own_file(name: str, copy: Path, tmp_path: Path) -> None:
    """Nothing has been started or written by then."""
    old, new = WRONG[name]
    text = (copy / name).read_text()
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1))
    with pytest.raises(SamklangError) as caught:
        make(read_folder(copy), tmp_path / "work", today=NOW.date())
    line = text[: text.index(old)].count("\n") + 1
    found = [p.at for p in getattr(caught.value, "problems", [caught.value])]
    assert (str(copy.resolve() / name), line) in [(at.file, at.line) for at in found if at]
    assert not (tmp_path / "work").exists()


def test_a_mistyped_key_of_a_node_part_has_a_hint(copy: Path) -> None:
    with open(copy / "nodes" / "gp.yaml", "a") as file:
        file.write("capz: {month: 1}\n")
    with pytest.raises(DocumentErrors, match="Did you mean 'caps'"):
        read_folder(copy)


def test_a_working_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "work").touch()
    with pytest.raises(SamklangError) as caught:
        make(read_folder(FOLDER), tmp_path / "work", today=NOW.date())
    assert caught.value.code == "sandbox-workdir-unusable"


@pytest.mark.parametrize("words", [["nothing"], ["nothing.yaml"], ["four-axes", "--save", "/dev/null"]])
def test_a_wrong_word_is_said_before_anything_is_started(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sandbox", "run", str(FOLDER), "--query", *words]) == exits.DOCUMENT
    assert "started" not in capsys.readouterr().err


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(SamklangError) as caught:
        make(read_folder(FOLDER), tmp_path, today=NOW.date())
    assert caught.value.code == "sandbox-workdir"


def test_an_unknown_query_names_the_known_ones() -> None:
    with pytest.raises(SamklangError) as caught:
        read_folder(FOLDER).query("nothing")
    assert "four-axes" in caught.value.fix


def test_the_asker_is_known_to_every_policy() -> None:
    policies = {node: policy.document for node, policy in read_folder(FOLDER).policies.items()}
    assert askers(policies, ["region", "kommune"]) == (Asker("kommune", "analyst"), {})


def test_an_evaluator_asks_where_the_usual_analyst_may_not(tmp_path: Path) -> None:
    made = make(read_folder(WEST), tmp_path, today=NOW.date())
    made.write_addresses("127.0.0.1:4711")
    assert {*made.clients} == {"evaluate-project"}
    config = load_client_config(made.clients["evaluate-project"])
    who = load_asker(config.identity, config.credential)
    assert (who.analyst.organisation, who.role) == ("center-for-kvalitet", "evaluator")
    draft = load_draft(WEST / "queries" / "project-area.yaml", made.manifest).document
    bundle = who.sign(complete(draft, made.manifest, who.analyst), made.manifest, NOW)
    assert verify_query(bundle, made.manifest, NOW).organisation == "center-for-kvalitet"
    # A manifest that doesn't pin the evaluator's key knows nobody who could vouch for its people.
    alone = made.manifest.model_copy(update={"evaluators": ()})
    with pytest.raises(SamklangError) as caught:
        verify_query(bundle, alone, NOW)
    assert caught.value.code == "identity-credential-issuer"


def test_controllers_and_dpo_sign_a_policy_each_with_an_own_key(material: Material) -> None:
    seen: set[str] = set()
    for path in material.nodes.values():
        node = load_node_config(path)
        envelope = node.documents.policy.read_bytes()
        keys = [VerifyKey.from_text(text) for text in signing_keys(node.trust.policy)]
        policy = verify_document(envelope, Policy, keys).document
        assert len(keys) == len(policy.controllers) + 1
        assert [s.as_ for s in node.trust.policy if isinstance(s, Signer)][-2:] == ["controller", "dpo"]
        assert not seen & {key.text for key in keys}
        seen |= {key.text for key in keys}
        for place in range(len(keys)):
            data = json.loads(envelope)
            del data["signatures"][place]
            with pytest.raises(SamklangError) as caught:
                verify_document(json.dumps(data).encode(), Policy, keys)
            assert caught.value.code.startswith("identity-")
    manifest_keys = load_node_config(next(iter(material.nodes.values()))).trust.manifest
    assert {*manifest_keys} < seen
    assert len({*manifest_keys}) == len(manifest_keys)


def test_every_node_has_an_officer_who_trusts_what_the_node_trusts(material: Material) -> None:
    assert [*material.officers] == [*material.nodes]
    for name, path in material.officers.items():
        node, officer = load_node_config(material.nodes[name]), load_officer_config(path)
        assert officer.node.id == name
        assert officer.trust == node.trust
        assert node.oversight is not None
        assert node.oversight.listen == "127.0.0.1:0"
        peers = [peer_from_certificate(c.tls.certificate.read_bytes()) for c in (officer, node)]
        assert [peer.kind for peer in peers] == ["dpo", "node"]
        assert peers[0].organisation == peers[1].organisation
        material.write_oversight(name, "127.0.0.1:4712")
        assert load_officer_config(path).node.address == "127.0.0.1:4712"
        assert (path.parent.stat().st_mode & 0o777) == 0o700


def test_a_nodes_own_word_on_oversight_holds_and_containers_have_none_unasked(
    copy: Path, tmp_path: Path
) -> None:
    names = [path.stem for path in sorted((copy / "nodes").glob("*.yaml"))]
    part = copy / "nodes" / f"{names[0]}.yaml"
    part.write_text(part.read_text() + "oversight: {listen: '127.0.0.1:7444'}\n")
    made = make(read_folder(copy), tmp_path / "w", today=NOW.date(), oversight=False)
    assert [*made.officers] == names[:1]
    made.write_addresses("127.0.0.1:4711")
    said = {name: load_node_config(path).oversight for name, path in made.nodes.items()}
    assert {name: one and one.listen for name, one in said.items()} == {
        **dict.fromkeys(names),
        names[0]: "127.0.0.1:7444",
    }


def test_addresses_stay_on_this_machine(material: Material) -> None:
    for path in (material.coordinator, material.client, *material.nodes.values()):
        text = json.dumps(json.loads(path.read_text()))
        assert "127.0.0.1" in text
        assert "0.0.0.0" not in text
