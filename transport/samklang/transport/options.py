"""gRPC options of every channel and server, and the channel that all clients use."""

from __future__ import annotations

import grpc
import grpc.aio

from samklang.transport.tls import TlsFiles, channel_credentials

Options = list[tuple[str, int]]

MESSAGE = 4 << 20
"""Bytes in one gRPC message at most; chunks and control messages have narrower limits of their own."""

BUNDLE = 1 << 20
"""Bytes in one signed query with its credential at most."""

WINDOW = 4 << 20
"""Bytes in flight per stream, and what a receiver who isn't ready holds of one."""

# keepalive_* alone leave a stopped peer unnoticed for 45 s; ping_timeout is what ends the connection.
# Not tighter than this: on a busy machine a false alarm would cost a whole attempt.
_COMMON: Options = [
    ("grpc.keepalive_time_ms", 2000),
    ("grpc.keepalive_timeout_ms", 4000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.ping_timeout_ms", 4000),
    ("grpc.max_receive_message_length", MESSAGE),
    ("grpc.max_send_message_length", MESSAGE),
    ("grpc.http2.lookahead_bytes", WINDOW),
    # Left to itself the library takes a peer that is slow for a long line and lets hundreds of MiB come in
    # that nobody has asked for yet.
    ("grpc.http2.bdp_probe", 0),
]

SERVER: Options = [
    *_COMMON,
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 500),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.so_reuseport", 0),
]

ASKING = 64 << 10
"""Bytes of a message to a port where questions are small."""

_LARGE = ("grpc.max_receive_message_length", "grpc.http2.lookahead_bytes")
SMALL: Options = [
    *(option for option in SERVER if option[0] not in _LARGE),
    ("grpc.max_receive_message_length", ASKING),
    ("grpc.http2.lookahead_bytes", ASKING),
]
"""A server that is asked small things; what it answers may be larger."""

CHANNEL: Options = [
    *_COMMON,
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5000),
    # Calls are never repeated by the library: what is repeated, and when, is the protocol's business.
    ("grpc.enable_retries", 0),
    # Proxies from the environment would see (and could redirect) the connection.
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
]


def open_channel(address: str, files: TlsFiles) -> grpc.aio.Channel:
    """A channel to ``address`` (host:port); connects on first use. Close it.

    Raises:
        SamklangError: see :func:`samklang.transport.tls.channel_credentials`.
    """
    return grpc.aio.secure_channel(address, channel_credentials(files), options=CHANNEL)


def open_invited_channel(address: str, authority: bytes) -> grpc.Channel:
    """A channel of somebody without a certificate, to a server that ``authority`` (PEM) has certified."""
    credentials = grpc.ssl_channel_credentials(root_certificates=authority)
    return grpc.secure_channel(address, credentials, options=CHANNEL)


def open_sync_channel(address: str, files: TlsFiles) -> grpc.Channel:
    """As :func:`open_channel`, for clients without an event loop."""
    return grpc.secure_channel(address, channel_credentials(files), options=CHANNEL)
