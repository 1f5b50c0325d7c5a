"""A request in a policy's words: what test cases and logs write down, and a request again from it.

Nothing here is for deciding about a real query: that request is read off the signed query itself
(:func:`samklang.policy.request.request_for`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from samklang.errors import SamklangError
from samklang.model.cases import Asked
from samklang.model.checks.policy import names_of
from samklang.model.codebook import Codebook, Measure
from samklang.model.policy import WHOLE_POPULATION
from samklang.policy.request import Request, Use

__all__ = ["asked_of", "merged", "request_from"]

NEEDED = (
    "organisation", "role", "purpose", "family", "operation", "target_group", "uses", "joint_with", "axes",
    "epsilon", "today",
)  # fmt: skip

FromQuestion = Callable[[Path, Asked], Request]
"""What a question's file asks of the node, by the person and on the day that the facts name."""


def merged(base: Asked, *changes: Asked) -> Asked:
    """``base`` with what each of ``changes`` writes."""
    written: dict[str, Any] = {}
    for one in (base, *changes):
        written |= {name: getattr(one, name) for name in one.model_fields_set}
    return Asked.model_construct(_fields_set=set(written), **written)


def request_from(
    asked: Asked, node: str, codebook: Codebook, question: FromQuestion | None = None
) -> Request:
    """The request to ``node`` that ``asked`` describes.

    Raises:
        SamklangError: ``policy-case-incomplete`` if something is neither written nor said by a question.
    """
    written: Mapping[str, Any] = {
        name: value for name in asked.model_fields_set if (value := getattr(asked, name)) is not None
    }
    if asked.question is not None and question is not None:
        found = asked_of(question(asked.question, asked))
        written = {**{name: getattr(found, name) for name in found.model_fields_set}, **written}
    if missing := [name for name in NEEDED if name not in written]:
        raise SamklangError("policy-case-incomplete", missing=", ".join(missing))
    known = names_of(codebook)
    uses = tuple(_use(name, codebook) for name in written["uses"] if name in known)
    group = written["target_group"]
    analyst = written.get("analyst", "analyst")
    unknown = [name for name in written["uses"] if name not in known]
    if group != WHOLE_POPULATION and group not in codebook.target_groups:
        unknown.append(group)
    return Request(
        node=node,
        analyst=analyst,
        organisation=written["organisation"],
        role=written["role"],
        recipients=written.get("recipients", (analyst,)),
        operation=written["operation"],
        family=written["family"],
        purpose=written["purpose"],
        target_group=None if group == WHOLE_POPULATION else group,
        uses=uses,
        unknown=tuple(unknown),
        axes=written["axes"],
        partners=frozenset(written["joint_with"]),
        epsilon=written["epsilon"],
        delta=written.get("delta", Decimal("1e-8")),
        today=written["today"],
        cells=written.get("cells"),
        template_known=written.get("template_known", False),
        treatment_relation=written.get("treatment_relation", False),
        derived_from=written.get("derived_from"),
        rule=written.get("rule"),
        return_to=written.get("return_to"),
        attributed=written.get("attributed", False),
    )


def asked_of(request: Request) -> Asked:
    """``request`` in a policy's words; everything but its node."""
    return Asked(
        analyst=request.analyst,
        organisation=request.organisation,
        role=request.role,
        recipients=request.recipients,
        purpose=request.purpose,
        family=request.family,
        operation=request.operation,
        target_group=request.target_group or WHOLE_POPULATION,
        uses=(*(use.name for use in request.uses), *request.unknown),
        joint_with=tuple(sorted(request.partners)),
        axes=request.axes,
        epsilon=request.epsilon,
        delta=request.delta,
        today=request.today,
        cells=request.cells,
        template_known=request.template_known,
        treatment_relation=request.treatment_relation,
        derived_from=request.derived_from,
        rule=request.rule,
        return_to=request.return_to,
        attributed=request.attributed,
    )


def _use(name: str, codebook: Codebook) -> Use:
    bare = name.removeprefix("presence of ").removesuffix(" as measure").split("/")[0]
    variable = codebook.variables.get(bare) if name.endswith(" as measure") else None
    return Use(name, bare, ("uses",), variable.clip if isinstance(variable, Measure) else None)
