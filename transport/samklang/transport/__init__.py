"""What every process needs to talk. MUST be imported before anything else imports grpc.

The gRPC library reads its list of TLS 1.2 cipher suites when it is loaded. The list set here holds one
suite that needs an RSA certificate: with the ECDSA certificates that :mod:`samklang.transport.tls` insists
on, no TLS 1.2 suite is usable, and 1.3 isn't affected.
"""

import os
import sys

_VARIABLE, _SUITES = "GRPC_SSL_CIPHER_SUITES", "ECDHE-RSA-AES256-GCM-SHA384"

GRPC_CAME_FIRST = "grpc" in sys.modules and os.environ.get(_VARIABLE) != _SUITES
"""Whether this was imported too late for a server to be safe."""

os.environ[_VARIABLE] = _SUITES
# Its own messages to stderr are no JSON, and say nothing that the log does not.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
