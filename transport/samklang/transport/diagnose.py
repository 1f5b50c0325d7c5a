"""Why a connection doesn't come about: one TLS handshake by hand, which says more than "unavailable".

In TLS 1.3 the client's certificate is judged after the client has finished (RFC 8446, 4.4.2.4), and a gRPC
server that doesn't like it closes the connection without an alert. So the own files are checked first, and
after the handshake the server must say something: HTTP/2 begins with its settings (RFC 9113, 3.4).
"""

from __future__ import annotations

import socket
import ssl

from samklang.errors import SamklangError
from samklang.transport.tls import TlsFiles, channel_credentials


def diagnose(address: str, files: TlsFiles, seconds: float = 5.0) -> SamklangError | None:
    """The named reason why ``address`` (host:port) can't be talked to, or None if a handshake succeeds.

    Blocks for at most about three times ``seconds``.
    """
    found = _handshake(address, files, seconds)
    if found is not None and found.code == "transport-tls-refused" and not _listens(address, seconds):
        # It didn't refuse: it ended in the middle of the handshake.
        return SamklangError("transport-unreachable", address=address, private=found.private)
    return found


def _listens(address: str, seconds: float) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=seconds).close()
    except OSError:
        return False
    return True


def _handshake(address: str, files: TlsFiles, seconds: float) -> SamklangError | None:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        channel_credentials(files)
        raw = socket.create_connection((host, int(port)), timeout=seconds)
    except SamklangError as own:
        return own
    except (OSError, ValueError) as problem:
        return SamklangError("transport-unreachable", address=address, private=str(problem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h2"])
    context.load_verify_locations(files.ca)
    context.load_cert_chain(files.certificate, files.key)
    try:
        with raw, context.wrap_socket(raw, server_hostname=host) as connection:
            greeting = connection.recv(1)
    except ssl.SSLCertVerificationError as problem:
        text = problem.verify_message or "not valid"
        return SamklangError("transport-tls-untrusted", address=address, problem=text)
    except ssl.SSLError as problem:
        return SamklangError("transport-tls-refused", address=address, alert=problem.reason or "no reason")
    except OSError as problem:
        text = problem.strerror or "no answer"
        return SamklangError("transport-tls-refused", address=address, alert=text)
    if not greeting:
        text = "it closed the connection when it had seen this process's certificate"
        return SamklangError("transport-tls-refused", address=address, alert=text)
    return None
