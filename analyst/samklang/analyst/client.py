"""The analyst's client: ask, watch, read. Everything a coordinator hands out is verified here.

with connect("client.yaml") as client:
    release = client.ask("question.yaml")
    print(release.to_pandas())
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from samklang.analyst.asked import asked
from samklang.analyst.asker import Asker, load_asker
from samklang.analyst.calls import Calls
from samklang.analyst.config import ClientConfig, load_client_config
from samklang.analyst.plan import Plan, make_plan
from samklang.analyst.progress import Progress
from samklang.analyst.question import MARGIN, PLAN_VALID_FOR, VALID_FOR, complete, load_draft
from samklang.analyst.release import Release, read_release
from samklang.analyst.status import Status, instant
from samklang.analyst.vocabulary import COLUMNS, Language, entries
from samklang.audit.receipt import verify_receipts
from samklang.errors import SamklangError
from samklang.identity.keys import VerifyKey
from samklang.model.calendar import day_of
from samklang.model.checks import check_query
from samklang.model.codebook import Codebook
from samklang.model.loading import Loaded
from samklang.model.manifest import Manifest
from samklang.model.problems import DocumentErrors
from samklang.model.query import Draft, Query
from samklang.model.signing import verify_codebook, verify_manifest
from samklang.protocol.compile import compile_query
from samklang.transport.tls import TlsFiles

if TYPE_CHECKING:
    import pandas as pd


_MEANT: Final[dict[str, tuple[str, ...]]] = {
    "client-other-federation": ("federation",),
    "client-other-codebook": ("codebook",),
    "privacy-budget-too-small": ("privacy", "epsilon"),
}
"""The key that an error about a whole question is about; the axes, for what isn't listed."""


def connect(config: Path | str | ClientConfig) -> Client:
    """A client for the federation of a configuration (a file, or one already read).

    Nothing is sent before the first question. Close it, or use it in a ``with`` block.

    Raises:
        DocumentErrors, SamklangError: the configuration, a key or a certificate is wrong.
    """
    return Client(config if isinstance(config, ClientConfig) else load_client_config(config))


class Client:
    """One analyst at one federation; see :func:`connect`."""

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        files = TlsFiles(config.tls.ca, config.tls.certificate, config.tls.key)
        self._calls = Calls(config.coordinator.address, files)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; queries go on without it."""
        self._calls.close()

    def manifest(self) -> Manifest:
        """Who takes part, signed by the controllers that the configuration trusts."""
        return self._documents[0]

    def codebook(self) -> Codebook:
        """What can be asked: the codebook that the manifest names, with its own signatures verified."""
        return self._documents[1]

    def vocabulary(self, word: str = "", language: Language = "en") -> pd.DataFrame:
        """What can be asked, as a table; ``word`` searches names and labels."""
        import pandas as pd

        return pd.DataFrame(entries(self.codebook(), language, word), columns=[*COLUMNS])

    def draft(self, path: Path | str) -> Draft:
        """A question from a YAML file, completed with federation and codebook if it leaves them out."""
        return load_draft(path, self.manifest()).document

    def check(self, draft: Draft | Path | str) -> Draft:
        """Check a question against manifest and codebook without sending anything.

        Raises:
            DocumentErrors: everything that is wrong with it.
            SamklangError: ``client-other-*``: it is meant for others; ``program-*``, ``privacy-*``: it
                can't be computed, because of too many cells for instance.
        """
        manifest = self.manifest()
        question = draft if isinstance(draft, Draft) else load_draft(draft, manifest)
        document = question if isinstance(question, Draft) else question.document
        analyst = self._asker.analyst
        try:
            complete(document, manifest, analyst)
            check_query(question, manifest, self.codebook(), today=day_of(datetime.now(UTC)))
            compile_query(manifest, self.codebook(), document)
        except DocumentErrors:
            raise
        except SamklangError as error:
            if isinstance(question, Loaded):
                error.at = question.position(_MEANT.get(error.code, ("axes",)))
            raise
        return document

    def sign(
        self,
        draft: Draft | Path | str,
        *,
        recipients: Sequence[str] | None = None,
        valid_for: timedelta = VALID_FOR,
        max_attempts: int = 3,
    ) -> tuple[Query, bytes]:
        """The completed query and its signed bundle, ready to be handed in."""
        question = self.check(draft)
        query = complete(
            question,
            self.manifest(),
            self._asker.analyst,
            recipients=recipients,
            valid_for=valid_for,
            max_attempts=max_attempts,
        )
        return query, self._asker.sign(query, self.manifest(), datetime.now(UTC))

    def plan(self, draft: Draft | Path | str) -> Plan:
        """What a question would give and cost, and what every node would say to it.

        From the documents, the codebook's public figures and the nodes' ledgers alone: nobody's data are
        touched and nothing is charged. A node that isn't there is listed as absent.

        Raises:
            DocumentErrors: the question is wrong.
            SamklangError: ``program-*``: it can't be computed; or the coordinator can't be reached.
        """
        manifest, codebook = self.manifest(), self.codebook()
        question = self.check(draft)
        program = compile_query(manifest, codebook, question)
        query = complete(question, manifest, self._asker.analyst, valid_for=PLAN_VALID_FOR)
        bundle = self._asker.sign(query, manifest, datetime.now(UTC), intent="plan")
        answer = self._calls.plan(bundle)
        stored = instant(answer.stored.released_at_us) if answer.HasField("stored") else None
        return make_plan(question, program, manifest, codebook, answer.nodes, stored)

    def submit(
        self,
        draft: Draft | Path | str,
        *,
        recipients: Sequence[str] | None = None,
        valid_for: timedelta | None = None,
        max_attempts: int = 3,
    ) -> str:
        """Check, complete, sign and hand in a question; returns the query's id.

        Args:
            valid_for: how long an attempt may begin. None: an hour, or as long as the nodes wait for people
                where people have to approve; they are asked for that as a plan does.

        Raises:
            DocumentErrors: the question is wrong.
            SamklangError: the coordinator refused it, or can't be reached.
        """
        if valid_for is None:
            valid_for = self._valid_for(draft)
        _, bundle = self.sign(draft, recipients=recipients, valid_for=valid_for, max_attempts=max_attempts)
        return self._calls.submit(bundle)

    def _valid_for(self, draft: Draft | Path | str) -> timedelta:
        """Long enough for every approval that the nodes would wait for; an hour if they can't be asked."""
        try:
            longest = max((node.approval_hours for node in self.plan(draft).nodes), default=0)
        except SamklangError:
            return VALID_FOR  # what is wrong with the question is said when it is signed
        return timedelta(hours=longest) + MARGIN if longest else VALID_FOR

    def watch(self, query: str) -> Iterator[Status]:
        """The status now, then every change, until the query has ended."""
        return self._calls.watch(query)

    def wait(self, query: str, on_change: Callable[[Status], None] | None = None) -> Status:
        """Watch until the query is done.

        Raises:
            SamklangError: the first reason why it isn't going to be done.
        """
        status: Status | None = None
        for status in self.watch(query):
            if on_change:
                on_change(status)
        if status is None:
            raise SamklangError("transport-unreachable", address=self._calls.address)
        if status.state != "done":
            raise status.error()
        return status

    def release(self, query: str) -> Release:
        """The released table of a query that is done, with receipts that hold.

        Raises:
            SamklangError: ``client-release-format``; ``client-release-other``: the coordinator handed out
                an answer to another question; ``audit-*``: a node's receipt is missing or doesn't hold, and
                nothing is shown; or what the coordinator says.
        """
        answer = self._calls.release(query)
        release = read_release(answer.release, answer.receipts)
        found = release.named(asked(query, answer, release.document))
        verify_receipts(answer.receipts, answer.release, query, self.manifest())
        return found

    def ask(self, draft: Draft | Path | str, on_change: Callable[[Status], None] | None = None) -> Release:
        """Submit, wait, and return the released table.

        Progress is shown to whoever looks (:mod:`samklang.analyst.progress`), or is handed to ``on_change``.
        """
        query = self.submit(draft)
        progress = Progress()
        try:
            self.wait(query, on_change or progress)
        finally:
            progress.close()
        return self.release(query)

    def queries(self, limit: int = 0) -> list[Status]:
        """The analyst's own queries, newest first."""
        return self._calls.queries(limit)

    def cancel(self, query: str) -> Status:
        """End a query that hasn't ended; what it was charged stays charged."""
        return self._calls.cancel(query)

    @cached_property
    def _asker(self) -> Asker:
        return load_asker(self.config.identity, self.config.credential)

    @cached_property
    def _documents(self) -> tuple[Manifest, Codebook]:
        manifest_bytes, codebook_bytes = self._calls.documents()
        keys = [VerifyKey.from_text(text) for text in self.config.trust.manifest]
        manifest = verify_manifest(manifest_bytes, keys, datetime.now(UTC)).document
        keys = [VerifyKey.from_text(text) for text in self.config.trust.codebook]
        return manifest, verify_codebook(codebook_bytes, keys, manifest).document
