"""The federation's newest documents, fetched from its coordinator, put where a node expects them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from samklang.analyst.calls import Calls
from samklang.errors import SamklangError
from samklang.identity.keys import VerifyKey
from samklang.model.config import NodeConfig
from samklang.model.signing import verify_codebook, verify_manifest
from samklang.transport.tls import TlsFiles

__all__ = ["fetch"]


def fetch(config: NodeConfig) -> dict[str, str]:
    """Fetch manifest and codebook, verify them by the keys that are trusted, write what has changed.

    Returns what became of each file: ``new``, ``changed`` (the old one stays as ``*.old``) or ``same``.

    The coordinator is believed in nothing: what the trusted controllers haven't signed is refused.

    Raises:
        SamklangError: ``transport-*``, ``identity-*``, ``document-*``, ``client-file``.
    """
    calls = Calls(config.coordinator.address, TlsFiles(config.tls.ca, config.tls.certificate, config.tls.key))
    try:
        manifest, codebook = calls.documents()
    finally:
        calls.close()
    signed = verify_manifest(manifest, _keys(config.trust.manifest), datetime.now(UTC))
    verify_codebook(codebook, _keys(config.trust.codebook), signed.document)
    return {
        path.name: _put(path, data)
        for path, data in ((config.documents.manifest, manifest), (config.documents.codebook, codebook))
    }


def _keys(texts: tuple[str, ...]) -> list[VerifyKey]:
    return [VerifyKey.from_text(text) for text in texts]


def _put(path: Path, data: bytes) -> str:
    try:
        if not path.exists():
            path.write_bytes(data)
            return "new"
        if path.read_bytes() == data:
            return "same"
        beside = path.with_name(f"{path.name}.new")
        beside.write_bytes(data)
        path.replace(path.with_name(f"{path.name}.old"))
        os.replace(beside, path)
    except OSError as error:
        raise SamklangError("client-file", file=path.name, problem=error.strerror or "unusable") from None
    return "changed"
