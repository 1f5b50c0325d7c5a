"""The officer's configuration: which node, whose signatures count, and the officer's own certificate.

```yaml
node: {id: odense-kommune, address: "10.0.0.5:7444"}
tls: {ca: ca.pem, certificate: tls.pem, key: tls.key}
trust:
  manifest: ["ed25519:…"]
  codebook: ["ed25519:…"]
  policy: [{as: controller, key: "ed25519:…"}, {as: dpo, key: "ed25519:…"}]
seen: seen.json               # what was there last time; written by `samklang dpo check`
```

Paths are relative to the file's folder.
"""

from __future__ import annotations

from pathlib import Path

from samklang.model.base import Document, Identifier
from samklang.model.config import Address, NodeTrust, Tls, absolute
from samklang.model.loading import load

__all__ = ["OfficerConfig", "load_officer_config"]


class NodePlace(Document):
    id: Identifier
    address: Address | None = None
    """Where the node's oversight listens; `--connect` says it instead."""


class OfficerConfig(Document):
    """A data-protection officer of one node."""

    node: NodePlace
    tls: Tls
    trust: NodeTrust
    seen: Path | None = None
    """What was there last time; `seen.json` beside the configuration, if it isn't said."""


def load_officer_config(path: Path | str) -> OfficerConfig:
    """Read an officer's configuration; paths come back absolute.

    Raises:
        DocumentErrors, SamklangError: as :func:`samklang.model.loading.load`.
    """
    folder = Path(path).resolve().parent
    config = absolute(load(path, OfficerConfig).document, folder)
    return config if config.seen else config.model_copy(update={"seen": folder / "seen.json"})
