"""Throwaway keys of those who sign documents: a node's controllers, who approve, and its DPO, who attests.

A policy is signed by every controller that it names *and* by the node's DPO, each with a key of their own;
manifest and codebook by every controller of the federation. The private halves exist in memory only, while
the sandbox is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samklang.identity.keys import SigningKey
from samklang.model.policy import Policy

__all__ = ["Signatories", "signatories"]


@dataclass(frozen=True)
class Signatories:
    """Who signs for one node.

    Attributes:
        controllers: a key per entry of the policy's ``controllers``, in their order.
        dpo: the data-protection officer's.
    """

    controllers: tuple[SigningKey, ...]
    dpo: SigningKey

    @property
    def of_policy(self) -> list[SigningKey]:
        """Everybody whose signature the node's policy must carry."""
        return [*self.controllers, self.dpo]

    def trusted(self, policy: Policy) -> list[dict[str, Any]]:
        """The same as a node's configuration says it: who signs as what."""
        named = zip(self.controllers, policy.controllers, strict=True)
        found = [_signer(key, controller.name, "controller") for key, controller in named]
        return [*found, _signer(self.dpo, f"DPO, {policy.policy.node}", "dpo")]


def signatories(policies: Mapping[str, Policy]) -> dict[str, Signatories]:
    """New keys for everybody, by node."""
    return {
        node: Signatories(
            controllers=tuple(SigningKey.generate() for _ in policy.controllers),
            dpo=SigningKey.generate(),
        )
        for node, policy in policies.items()
    }


def public(keys: list[SigningKey]) -> list[str]:
    """The public halves, as configurations and manifests write them."""
    return [key.verify_key.text for key in keys]


def _signer(key: SigningKey, name: str, office: str) -> dict[str, Any]:
    return {"key": key.verify_key.text, "name": name, "as": office}
