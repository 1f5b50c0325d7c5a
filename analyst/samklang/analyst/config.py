"""The client's configuration: which coordinator, whose signatures count, and who asks.

```yaml
coordinator: {address: "coordinator.example.dk:7443"}
tls: {ca: ca.pem, certificate: analyst.pem, key: analyst.key}
trust:
  manifest: ["ed25519:…"]     # controllers whose signatures the manifest must carry
  codebook: ["ed25519:…"]
identity: identity.key        # the analyst's signing key, mode 0600
credential: credential.json   # who the analyst is, signed by the organisation's node
```

Paths are relative to the file's folder.
"""

from __future__ import annotations

from pathlib import Path

from samklang.model.base import Document
from samklang.model.config import CoordinatorAddress, Tls, Trust, absolute
from samklang.model.loading import load


class ClientConfig(Document):
    """An analyst's client."""

    coordinator: CoordinatorAddress
    tls: Tls
    trust: Trust
    identity: Path
    credential: Path


def load_client_config(path: Path | str) -> ClientConfig:
    """Read a client's configuration; paths come back absolute.

    Raises:
        DocumentErrors, SamklangError: as :func:`samklang.model.loading.load`.
    """
    return absolute(load(path, ClientConfig).document, Path(path).resolve().parent)
