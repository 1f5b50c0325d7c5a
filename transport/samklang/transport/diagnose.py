"""Why a connection doesn't come about: one TLS handshake by hand, whose alert names the reason.

gRPC says "unavailable" for a refused certificate as for a dead host. In TLS 1.3 the client's certificate is
judged after the client has finished (RFC 8446, 4.4.2.4), so the alert is read from the first answer.
"""

from __future__ import annotations

import socket
import ssl

from samklang.errors import SamklangError
from samklang.transport.tls import TlsFiles

_ALERTS = {
    "CERTIFICATE_REQUIRED": "transport-certificate-missing",
    "ALERT_CERTIFICATE_EXPIRED": "transport-certificate-expired",
    "ALERT_UNKNOWN_CA": "transport-certificate-foreign",
    "ALERT_BAD_CERTIFICATE": "transport-certificate-foreign",
    "ALERT_UNSUPPORTED_CERTIFICATE": "transport-certificate-foreign",
    "ALERT_CERTIFICATE_UNKNOWN": "transport-certificate-foreign",
}


def diagnose(address: str, files: TlsFiles, seconds: float = 5.0) -> SamklangError | None:
    """The named reason why ``address`` (host:port) can't be talked to, or None if a handshake succeeds.

    Blocks for at most about twice ``seconds``.
    """
    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h2"])
    context.load_verify_locations(files.ca)
    context.load_cert_chain(files.certificate, files.key)
    try:
        raw = socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)
    except (OSError, ValueError) as problem:
        return SamklangError("transport-unreachable", address=address, private=str(problem))
    try:
        with raw, context.wrap_socket(raw, server_hostname=host.strip("[]")) as connection:
            connection.settimeout(seconds)
            connection.recv(1)
    except ssl.SSLCertVerificationError as problem:
        return SamklangError(
            "transport-tls-untrusted", address=address, problem=problem.verify_message or "not valid"
        )
    except ssl.SSLError as problem:
        reason = problem.reason or "no reason given"
        for alert, code in _ALERTS.items():
            if alert in reason:
                return SamklangError(
                    code, name="this process", until="not known here", private=f"{address}: {reason}"
                )
        return SamklangError("transport-tls-refused", address=address, alert=reason)
    except OSError as problem:
        return SamklangError(
            "transport-tls-refused", address=address, alert=problem.strerror or "connection closed"
        )
    return None
