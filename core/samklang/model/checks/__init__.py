"""What a schema can't say: whether documents make sense by themselves and together.

Every function takes the document, or what :func:`samklang.model.loading.load` returned for it (then every
problem has file, line and column), and raises :class:`~samklang.model.problems.DocumentErrors` with all
problems at once. A codebook, manifest or query that passed is what the protocol's compiler expects; whether
its table fits the protocol's sizes is said there.
"""

from __future__ import annotations

from samklang.model.checks.codebook import check_codebook
from samklang.model.checks.manifest import check_manifest
from samklang.model.checks.policy import check_policy
from samklang.model.checks.query import check_query

__all__ = ["check_codebook", "check_manifest", "check_policy", "check_query"]
