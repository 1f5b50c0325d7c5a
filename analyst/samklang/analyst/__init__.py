"""The analyst's Python client: ``connect``, plan, ask, watch, and the released table as a DataFrame."""

from __future__ import annotations

from samklang.analyst.client import Client, connect
from samklang.analyst.plan import Plan
from samklang.analyst.release import Release
from samklang.analyst.status import Status

__all__ = ["Client", "Plan", "Release", "Status", "connect"]
