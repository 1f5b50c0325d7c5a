"""The node's audit log: the durable trail, receipts, witnessing, and what the citizen may ask."""

from samklang.audit.entry import Event
from samklang.node.audit.trail import Trail

__all__ = ["Event", "Trail"]
