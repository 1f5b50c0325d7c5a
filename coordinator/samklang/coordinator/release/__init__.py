"""From the protocol's outcome to the document that the analyst gets.

Everything here is post-processing of numbers that are noisy already (:mod:`samklang.estimate` has the
statistics). :mod:`.document` puts the document together; :mod:`.rules` says what is shown and whose rule
that is, :mod:`.cells` what a cell carries, :mod:`.quantiles` and :mod:`.margins` what is made of several,
:mod:`.readings` how a measure's sums are read.
"""

from __future__ import annotations

from samklang.coordinator.release.document import release_document
from samklang.coordinator.release.rules import retention

__all__ = ["release_document", "retention"]
