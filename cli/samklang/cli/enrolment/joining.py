"""Asking to join over the network, with an invitation."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from samklang.transport.options import open_invited_channel  # first: it sets up TLS before gRPC is loaded

import grpc  # isort: skip

from samklang.errors import SamklangError
from samklang.model.enrolment import COLLECT, Invitation, proof
from samklang.transport.status import from_rpc_error
from samklang.v1 import enrolment_pb2 as v1
from samklang.v1 import enrolment_pb2_grpc as services

__all__ = ["apply", "collect"]

SECONDS = 20.0
POLL_SECONDS = 5.0

R = TypeVar("R")


def apply(invitation: Invitation, paper: bytes) -> None:
    """Hand the request in.

    Raises:
        SamklangError: ``enrolment-invitation``, ``enrolment-busy``, ``transport-unreachable`` (also if
            whoever answers isn't certified by the invitation's authority).
    """
    shown = proof(invitation.secret, paper)
    request = v1.ApplyRequest(invitation=invitation.number, request=paper, proof=shown)
    _call(invitation, lambda stub: stub.Apply(request, timeout=SECONDS))


def collect(invitation: Invitation, *, wait: float, out: Path) -> None:
    """Wait for the operator's reply and write it to ``out``.

    Args:
        wait: seconds; 0 asks once.

    Raises:
        SamklangError: ``enrolment-waiting``, ``enrolment-refused``, and as :func:`apply`.
    """
    request = v1.CollectRequest(invitation=invitation.number, proof=proof(invitation.secret, COLLECT))
    end = time.monotonic() + wait
    while True:
        found = _call(invitation, lambda stub: stub.Collect(request, timeout=SECONDS))
        if found.refused:
            raise SamklangError("enrolment-refused")
        if found.reply:
            out.write_bytes(found.reply)
            return
        if time.monotonic() >= end:
            raise SamklangError("enrolment-waiting")
        time.sleep(min(POLL_SECONDS, max(0.0, end - time.monotonic())))


def _call(invitation: Invitation, ask: Callable[[services.EnrolmentStub], R]) -> R:
    channel = open_invited_channel(invitation.address, invitation.authority.encode())
    try:
        return ask(services.EnrolmentStub(channel))
    except grpc.RpcError as failure:
        raise from_rpc_error(failure, invitation.address) from None
    finally:
        channel.close()
