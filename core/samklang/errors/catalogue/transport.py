"""Error codes: transport (certificates, connections, streams, deadlines)."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_RETRY = "The attempt is over and nothing was released; the coordinator starts a new one if any is left."

CODES: dict[str, Entry] = {
    "transport-tls-order": Entry(
        "The gRPC library was loaded before TLS 1.2 was switched off.",
        "Import samklang.transport.tls before anything that imports grpc.",
        public=False,
    ),
    "transport-tls-file": Entry(
        "The {role} file {file} can't be used: {problem}.",
        "Point the tls section of the configuration at a PEM file of that kind.",
        public=False,
    ),
    "transport-tls-key-readable": Entry(
        "The private key {file} may be read by other users.",
        "Run chmod 600 on it; if others have had access, issue a new certificate.",
        public=False,
    ),
    "transport-certificate-not-ecdsa": Entry(
        "The certificate {file} hasn't an ECDSA P-256 key.",
        "Issue one with an ECDSA P-256 key: with another key TLS 1.2 couldn't be refused.",
        public=False,
    ),
    "transport-certificate-expired": Entry(
        "The certificate of {name} is not valid now (valid until {until}).",
        "Have the federation's certificate authority issue a new one, and check the clock.",
    ),
    "transport-certificate-foreign": Entry(
        "The certificate of {name} was not issued by the federation's certificate authority.",
        "Use the certificate that the federation's operator issued, and the matching ca file.",
    ),
    "transport-certificate-missing": Entry(
        "No client certificate was presented.",
        "Set certificate and key in the tls section; the coordinator answers nobody without one.",
    ),
    "transport-certificate-other": Entry(
        "The configured certificate is that of {found}; this process is {wanted}.",
        "Point the tls section of the configuration at the process's own certificate.",
        public=False,
    ),
    "transport-tls-refused": Entry(
        "{address} broke off the TLS handshake ({alert}).",
        "Check that the address is the coordinator's and that both sides trust the same ca file.",
    ),
    "transport-tls-untrusted": Entry(
        "The certificate that {address} presented is not trusted ({problem}).",
        "Check the address and the ca file; if both are right, somebody else is answering there.",
    ),
    "transport-unreachable": Entry(
        "{address} can't be reached.",
        "Check that the coordinator runs, the address in the configuration, and the network between.",
    ),
    "transport-no-answer": Entry(
        "{address} did not answer in time.",
        "Try again; if it stays so, ask the operator to look at the coordinator's log.",
    ),
    "transport-not-authorised": Entry(
        "A certificate of kind {kind} may not call {method}.",
        "Use a certificate of the kind that this call is for: {allowed}.",
    ),
    "transport-other-federation": Entry(
        "The certificate belongs to the federation {federation}, which this coordinator doesn't serve.",
        "Use the address and the certificate of one federation.",
    ),
    "transport-unknown-party": Entry(
        "{name} is not in the manifest of this federation.",
        "Ask the federation's operator; members are added by a new signed manifest.",
    ),
    "transport-not-yourself": Entry(
        "{name} tried to speak or listen as another party.",
        "A party may only use addresses with its own name; this is a fault or an attack.",
    ),
    "transport-message": Entry(
        "A message could not be understood: {problem}.",
        "Both sides must run releases that support the same protocol version.",
    ),
    "transport-no-attempt": Entry(
        "The attempt {attempt} of query {query} is not running.",
        "It has ended, or has not begun; wait for the next offer.",
    ),
    "transport-too-many-attempts": Entry(
        "The analyst signed for {attempts} attempts; this would be another one.",
        "Submit the query again, signed anew.",
    ),
    "transport-not-asked": Entry(
        "The node {node} has no part in this query.",
        "Offers go to the participants alone; the coordinator and this node read different documents.",
    ),
    "transport-replayed": Entry(
        "{sender} has already sent {stage} to {recipient} in this attempt.",
        "Every message is accepted once; this is a fault or an attack. " + _RETRY,
    ),
    "transport-too-large": Entry(
        "A message in {stage} is larger than the {limit} bytes it may have.",
        "Both sides must run releases that support the same protocol version.",
    ),
    "transport-cut": Entry("The stream {stage} between {sender} and {recipient} was broken off.", _RETRY),
    "transport-truncated": Entry("The message {stage} of {sender} ended before its last part.", _RETRY),
    "transport-deadline": Entry(
        "{party} did not finish {stage} within {seconds} seconds.",
        "Look at that partner's node. " + _RETRY,
    ),
    "transport-stalled": Entry(
        "{party} has nothing left to wait for and hasn't finished.",
        "This is a fault in the software; please report it with the log.",
    ),
    "transport-internal": Entry(
        "{party} failed unexpectedly.",
        "Its log has the reason; please report it.",
    ),
    "transport-state": Entry(
        "The state folder {folder} can't be used: {problem}.",
        "It must be writable by this process, and no other process may use it.",
        public=False,
    ),
    "transport-lost": Entry("The connection to the coordinator was lost.", _RETRY),
    "transport-stopped": Entry("{party} was asked to stop.", _RETRY),
}
