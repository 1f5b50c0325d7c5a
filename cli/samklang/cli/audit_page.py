"""A verified log as a page for people, written where nobody else on this machine reads it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

from samklang.audit.export import VerifiedExport
from samklang.audit.report import report_html
from samklang.errors import Language, SamklangError
from samklang.identity.dsse import Envelope
from samklang.model.base import Document
from samklang.model.canonical import parse_canonical
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest

__all__ = ["DELTA", "page", "save", "write_report"]

DELTA: Final = Decimal("1e-8")
"""At which ε is read where nothing says another one, as caps of a node are by default."""

D = TypeVar("D", bound=Document)


def page(
    verified: VerifiedExport,
    lang: Language,
    manifest: Manifest | None,
    codebook: Codebook | None,
    *,
    delta: Decimal = DELTA,
) -> bytes:
    """The log as HTML.

    Args:
        manifest, codebook: for labels; where there is none, names stay as the log has them, and what was
            asked isn't put in words.
        delta: at which the budget that was used is read as ε.
    """
    from samklang.errors.figures import decimals
    from samklang.privacy.accounting import read_epsilon

    named = _named(manifest, codebook, lang)
    text = report_html(
        verified,
        lang,
        title=named(verified.export.node),
        made_at=datetime.now(UTC),
        price=lambda nano_rho: f"\u03b5 {decimals(read_epsilon(nano_rho, delta, up=True), lang)}",
        name=named,
        question=_question(verified, codebook, lang),
    )
    return text.encode()


def write_report(verified: VerifiedExport, path: Path, lang: Language) -> None:
    """The page of an export, with labels from the documents in it, which its entries commit to.

    Raises:
        SamklangError: ``audit-export-name``, ``client-save-file``; ``document-*`` for documents that this
            version can't read.
    """
    if path.suffix != ".html":
        raise SamklangError("audit-report-name", file=path.name)
    manifest = _enclosed(verified, "manifest", Manifest)
    save(path, page(verified, lang, manifest, _enclosed(verified, "codebook", Codebook)))


def save(path: Path, data: bytes) -> None:
    """Write a file that concerns persons at the partners: not for everybody on this machine."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
    except OSError as error:
        problem = error.strerror or "unusable"
        raise SamklangError("client-save-file", file=path.name, problem=problem) from None


def _enclosed(verified: VerifiedExport, name: str, model: type[D]) -> D | None:
    questions = verified.export.questions
    envelope = questions.documents.get(name) if questions else None
    return parse_canonical(Envelope.from_bytes(envelope).payload, model) if envelope else None


def _question(
    verified: VerifiedExport, codebook: Codebook | None, lang: Language
) -> Callable[[str], Sequence[tuple[str, str]]]:
    """What was asked, by digest of the query, where it is kept."""
    from samklang.audit.question import in_words
    from samklang.model.signing import unverified_query

    found = verified.export.questions

    def words(digest: str) -> Sequence[tuple[str, str]]:
        bundle = found.bundles.get(digest) if found else None
        # Its digest was compared with what the entry commits to.
        return in_words(unverified_query(bundle)[0], codebook, lang) if bundle and codebook else ()

    return words


def _named(manifest: Manifest | None, codebook: Codebook | None, lang: Language) -> Callable[[str], str]:
    """Labels of nodes, variables and target groups; what has none stays as it is."""
    labels = {node.id: node.label for node in manifest.nodes} if manifest else {}
    if codebook:
        labels |= {name: group.label for name, group in codebook.target_groups.items()}
        labels |= {name: variable.label for name, variable in codebook.variables.items()}
        labels |= {f"presence of {name}": sector.label for name, sector in codebook.sectors.items()}

    def named(name: str) -> str:
        label = labels.get(name) or labels.get(name.removesuffix(" as measure").partition("/")[0])
        return name if label is None else (label.da if lang == "da" else label.en)

    return named
