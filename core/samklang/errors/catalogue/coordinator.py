"""Error codes: coordinator (queries, attempts, members' presence)."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

CODES: dict[str, Entry] = {
    "coordinator-unknown-query": Entry(
        "There is no query {query} of yours.",
        "List your queries; an analyst sees only what the same analyst has submitted.",
    ),
    "coordinator-not-your-query": Entry(
        "The query is signed by {analyst}, but {caller} handed it in.",
        "Submit with the certificate of the analyst who signed it.",
    ),
    "coordinator-not-done": Entry(
        "The query {query} has no release: it is {state}.",
        "Watch it; only a query that is done has one.",
    ),
    "coordinator-ended": Entry("The query {query} has ended already: it is {state}.", "Nothing to do."),
    "coordinator-busy": Entry(
        "The coordinator holds {limit} queries of yours that have not ended.",
        "Wait until one of them has ended, or cancel one.",
    ),
    "coordinator-expired": Entry(
        "The query was valid until {until}.", "Sign it again with a later time and submit it."
    ),
    "coordinator-query": Entry("The query can't be run: {problem}.", "Correct the query and sign it again."),
    "coordinator-node-absent": Entry(
        "These nodes were not there within {seconds} seconds: {nodes}.",
        "Ask those partners to start their node (or look at its log), then submit again.",
    ),
    "coordinator-node-lost": Entry(
        "The node {node} disappeared during the attempt.",
        "Ask that partner to look at its node. The coordinator starts a new attempt if any is left.",
    ),
    "coordinator-node-silent": Entry(
        "These nodes did not answer the offer within {seconds} seconds: {nodes}.",
        "Ask those partners to look at their node's log, then submit again.",
    ),
    "coordinator-node-documents": Entry(
        "The node {node} works from another manifest or codebook than the coordinator.",
        "Give both the same signed documents and restart the one that is behind.",
    ),
    "coordinator-node-version": Entry(
        "The node {node} speaks protocol version {theirs}; this coordinator speaks {ours}.",
        "Bring both to releases that support the same protocol version.",
    ),
    "coordinator-restarted": Entry(
        "The coordinator was restarted during the attempt.",
        "Nothing was released. A new attempt starts if any is left; else submit again.",
    ),
    "coordinator-attempt-deadline": Entry(
        "The attempt was not finished within {seconds} seconds.",
        "Look at the stage it stopped in. Large tables may need a longer deadline in the configuration.",
    ),
    "coordinator-not-member": Entry(
        "The manifest has no coordinator {name} with this identity key.",
        "Use the identity key the manifest pins, or have the controllers sign a manifest with this one.",
    ),
    "coordinator-stopping": Entry("The coordinator is stopping.", "Try again in a moment."),
    "coordinator-cancelled": Entry(
        "The query was cancelled by its analyst.", "Nothing to do; what was charged stays charged."
    ),
    "coordinator-replaced": Entry(
        "Another connection of the node {node} has taken over.",
        "Run one process per node; if there is only one, its earlier connection was stale.",
    ),
    "coordinator-address": Entry(
        "The coordinator can't listen on {address}.",
        "Choose an address of this machine and a free port, or 0 for any.",
        public=False,
    ),
}
