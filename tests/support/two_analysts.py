"""A sandbox with a second analyst, of another organisation, and a coordinator that runs several at once."""

from __future__ import annotations

from typing import Any

import pytest

from samklang.cli.sandbox import material
from samklang.cli.sandbox.askers import Asker

SECOND = "second"
"""Its key in ``Material.clients``."""


def with_second_analyst(patch: pytest.MonkeyPatch, organisation: str, at_once: int = 4) -> None:
    """Sandboxes that are made while ``patch`` holds have a second analyst."""

    class Maker(material._Maker):
        def make(self, listen: str) -> material.Material:
            made = super().make(listen)
            path = made.workdir / SECOND / "config.yaml"
            made._pending[path] = self._analyst(SECOND, Asker(organisation, "analyst"))
            made.clients[SECOND] = path
            return made

        def _coordinator(self) -> dict[str, Any]:
            return super()._coordinator() | {"limits": {"queries": at_once}}

    patch.setattr(material, "_Maker", Maker)
