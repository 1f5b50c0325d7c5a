"""Errors across the wire: a catalogue error becomes a gRPC status and an error again.

Trailing metadata carry the public code, what happened and what to do, in English and Danish; never the
private diagnosis. What arrives is a :class:`RemoteError` with the sender's texts, so a caller prints it like
one of its own, also if the caller's release doesn't know the code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc

from samklang.errors import CATALOGUE, SamklangError
from samklang.transport.log import describe
from samklang.transport.options import MESSAGE
from samklang.v1 import federation_pb2 as v1

_LONGEST = 1000
_TEXTS = ("what", "fix", "what-da", "fix-da")

_STATUS: dict[str, grpc.StatusCode] = {
    "transport-certificate-missing": grpc.StatusCode.UNAUTHENTICATED,
    "identity-certificate": grpc.StatusCode.UNAUTHENTICATED,
    "transport-not-authorised": grpc.StatusCode.PERMISSION_DENIED,
    "transport-other-organisation": grpc.StatusCode.PERMISSION_DENIED,
    "transport-other-federation": grpc.StatusCode.PERMISSION_DENIED,
    "transport-unknown-party": grpc.StatusCode.PERMISSION_DENIED,
    "transport-not-yourself": grpc.StatusCode.PERMISSION_DENIED,
    "transport-message": grpc.StatusCode.INVALID_ARGUMENT,
    "transport-internal": grpc.StatusCode.INTERNAL,
    "transport-replayed": grpc.StatusCode.ALREADY_EXISTS,
    "transport-cut": grpc.StatusCode.ABORTED,
    "transport-deadline": grpc.StatusCode.DEADLINE_EXCEEDED,
    "coordinator-unknown-query": grpc.StatusCode.NOT_FOUND,
    "coordinator-busy": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "transport-busy": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "coordinator-stopping": grpc.StatusCode.UNAVAILABLE,
    "coordinator-store": grpc.StatusCode.UNAVAILABLE,
}


class RemoteError(SamklangError):
    """A named failure that another party reported, in its words.

    Attributes:
        node: the partner it comes from, where that is known.
    """

    def __init__(
        self, code: str, what: str, fix: str, node: str = "", *, what_da: str = "", fix_da: str = ""
    ) -> None:
        Exception.__init__(self, code)
        self.code = code
        self.what = what
        self.fix = fix
        self.at = None
        self.private = ""
        self.node = node
        self._danish = (what_da, fix_da) if what_da else (what, fix)
        self._public = True


def status_code(error: SamklangError) -> grpc.StatusCode:
    """The gRPC status for an error; FAILED_PRECONDITION where none fits better."""
    return _STATUS.get(error.code, grpc.StatusCode.FAILED_PRECONDITION)


def to_metadata(error: SamklangError) -> tuple[tuple[str, str | bytes], ...]:
    """Trailing metadata of the status."""
    code, *english = error.public()
    texts = zip(_TEXTS, (*english, *error.public("da")[1:]), strict=True)
    return (
        ("samklang-code", code),
        *((f"samklang-{key}-bin", text[:_LONGEST].encode()) for key, text in texts),
    )


def from_metadata(pairs: Iterable[Any] | None) -> RemoteError | None:
    """The error in a status's trailing metadata, or None if there is none."""
    found: dict[str, str | bytes] = dict(pairs or ())
    code = found.get("samklang-code")
    if not isinstance(code, str):
        return None
    texts = [found.get(f"samklang-{key}-bin", b"") for key in _TEXTS]
    what, fix, what_da, fix_da = (
        (t.decode(errors="replace") if isinstance(t, bytes) else t)[:_LONGEST] for t in texts
    )
    return RemoteError(code[:60], what, fix, what_da=what_da, fix_da=fix_da)


def from_rpc_error(error: grpc.RpcError, address: str = "the coordinator") -> SamklangError:
    """The named error behind a failed call: the remote's own, or what is known about the connection."""
    trailing = error.trailing_metadata() if hasattr(error, "trailing_metadata") else None
    if remote := from_metadata(trailing):
        return remote
    status = error.code() if hasattr(error, "code") else None
    private = f"{status}: {error.details() if hasattr(error, 'details') else ''}"
    match status:
        case grpc.StatusCode.UNAVAILABLE:
            return SamklangError("transport-unreachable", address=address, private=private)
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return SamklangError("transport-no-answer", address=address, private=private)
        case grpc.StatusCode.RESOURCE_EXHAUSTED if "larger than max" in private:
            return SamklangError("transport-message-size", limit=MESSAGE, private=private)
        case grpc.StatusCode.UNIMPLEMENTED:
            return SamklangError("transport-message", problem="this call is not known", private=private)
    return SamklangError("transport-lost", private=private)


def to_reason(error: SamklangError, node: str = "") -> v1.Reason:
    """The error as it stands in statuses and control messages."""
    code, what, fix = error.public()
    _, what_da, fix_da = error.public("da")
    return v1.Reason(
        code=code,
        what=what[:_LONGEST],
        fix=fix[:_LONGEST],
        node=node,
        what_da=what_da[:_LONGEST],
        fix_da=fix_da[:_LONGEST],
        clause=error.clause,
    )


def from_reason(reason: v1.Reason) -> RemoteError:
    """The error another party reported."""
    return RemoteError(
        reason.code[:60],
        reason.what[:_LONGEST],
        reason.fix[:_LONGEST],
        reason.node,
        what_da=reason.what_da[:_LONGEST],
        fix_da=reason.fix_da[:_LONGEST],
    )


def named(error: BaseException, party: str) -> SamklangError:
    """``error`` itself if it has a name, else ``transport-internal`` with the diagnosis kept private."""
    if isinstance(error, SamklangError):
        return error
    return SamklangError("transport-internal", party=party, private=describe(error))


if unknown := _STATUS.keys() - CATALOGUE.keys():
    raise RuntimeError(f"no such error codes: {sorted(unknown)}")
