"""Run a coordinator: the entry point of its process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.coordinator.process import Settings, run_server
from samklang.errors import SamklangError
from samklang.transport.log import configure
from samklang.transport.process import say_failed
from samklang.transport.settled import Clock
from samklang.transport.status import named

if TYPE_CHECKING:
    from samklang.coordinator.documents import Documents
    from samklang.privacy.noise import NoiseSource


def run(
    config_path: Path | str,
    *,
    noise: NoiseSource | None = None,
    clock: Clock = lambda: datetime.now(UTC),
    running: Callable[[], float] = time.monotonic,
    exit_code: Callable[[str], int] = lambda _: 1,
) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code.

    Prints ``{"ready": true, "address": "HOST:PORT"}`` on stdout when it listens; a start that fails prints
    one JSON line with code, what and fix on stderr and returns ``exit_code`` of its code.

    Args:
        noise: where the coordinator's own noise comes from; OpenDP if None.
        clock: what the deletion of releases goes by.
        running: counts seconds, and nobody sets it: what ``clock`` is held against before deletion.
        exit_code: the exit code for a named failure.
    """
    from samklang.coordinator.attempt import DocumentRules
    from samklang.coordinator.documents import load_documents
    from samklang.privacy.noise import OpenDPNoise

    try:
        documents = load_documents(config_path)
        configure(documents.config.coordinator.id)
        source = noise or OpenDPNoise()
        chosen = replace(settings(documents), clock=clock, running=running)
        return run_server(chosen, lambda store: DocumentRules(documents, store, source))
    except SamklangError as error:
        say_failed(error)
        return exit_code(error.code)
    except Exception as defect:
        # Never a traceback: what libraries put into their messages may be a partner's value.
        say_failed(named(defect, "coordinator"))
        return 1


def settings(documents: Documents) -> Settings:
    """What the machinery needs, from configuration and manifest."""
    config, manifest = documents.config, documents.manifest.document
    return Settings(
        me=config.coordinator.id,
        federation=manifest.federation.id,
        listen=config.coordinator.listen,
        tls=documents.tls,
        nodes=tuple(node.id for node in manifest.nodes),
        manifest=documents.manifest_bytes,
        manifest_digest=documents.manifest.digest,
        codebook=documents.codebook_bytes,
        codebook_digest=documents.codebook.digest,
        state=config.state,
        absent=config.deadlines.absent,
        authorise=config.deadlines.authorise,
        stage=config.deadlines.stage,
        attempt=config.deadlines.attempt,
        at_once=config.limits.queries,
        threads=config.limits.threads,
        enrolment=config.enrolment.listen if config.enrolment else None,
        revoked=config.revoked,
        organisations={node.id: node.organisation for node in manifest.nodes},
        observe=config.observe.listen if config.observe else None,
        certificate_until=documents.certificate.not_after,
    )
