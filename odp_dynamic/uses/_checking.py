"""What a document says of a call as far as its source tells it: nothing is signed, and nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._bind import UNSET, Binder
from .._contract import Contract, Plan
from .._document import Document
from .._schema import Schema
from .._values import Problem
from ..errors import SpecError
from ._values import UNKNOWN, Use, is_known


class Checked(NamedTuple):
    """Is a call in the eyes of a document.

    `problems` are those that it has whatever stands for what is not spelt out. `parts` are what it gives, by where:
    the parameters' values, and ``"body"``. `plan` is None where the document's operation cannot be called at all.
    """

    problems: list[Problem]
    parts: Mapping[str, Any]
    plan: Plan | None

    @property
    def schema(self) -> Schema | None:
        """The schema of the body, None where it takes none, or anything."""
        media = self.plan.binder.media_type if self.plan else None
        return media.schema if media else None

    @property
    def media_type(self) -> str:
        """The media type that the body is written as, "" where it takes none."""
        media = self.plan.binder.media_type if self.plan else None
        return media.name.lower() if media else ""


class Checker:
    """Knows the operations of one document."""

    def __init__(self, document: Document) -> None:
        self._contract = Contract([document])

    def __contains__(self, operation: str) -> bool:
        return operation in self._contract.operations

    def checked(self, use: Use) -> Checked:
        """Return what the document says of a use of an operation that it has."""
        try:
            plan = self._contract.plans[use.operation]
        except SpecError as error:
            told = Problem("operation", "", "document", f"cannot be called: {error}", error.pointer)
            return Checked([told], {}, None)
        binder = plan.binder
        bound = binder.bind(use.body, use.arguments)
        if bound.body is not UNSET and use.body is UNSET and use.open:
            bound = bound._replace(body={**bound.body, UNKNOWN: UNKNOWN})
        given = {p.where: value for p, value in zip(binder.operation.parameters, bound.values, strict=True)}
        parts = {where: value for where, value in given.items() if value is not None}
        if bound.body is not UNSET:
            parts["body"] = bound.body
        unsaid = {where for where, value in parts.items() if not is_known(value)}
        values = [None if where in unsaid else value for where, value in given.items()]
        spoken = bound._replace(values=values, body=UNSET if "body" in unsaid else bound.body)
        problems = binder.problems(spoken)
        plan.writer.write(spoken, problems)
        kept = [one for one in problems if not _is_open(one, use, parts, unsaid)]
        if "body" in unsaid and binder.operation.request_body is None:
            kept += [one for one in binder.problems(spoken._replace(body=None)) if one.where == "body"]
        return Checked(binder.in_order(kept), parts, plan)


def _is_open(problem: Problem, use: Use, parts: Mapping[str, Any], unsaid: set[str]) -> bool:
    """Return whether a problem is only that something is missing which the call may well give."""
    return problem.where in unsaid or (use.open and problem.keyword == "required" and problem.where not in parts)


def parameters_among(binder: Binder, names: Mapping[str, Any]) -> set[str]:
    """Return those names that are an operation's parameters."""
    return set(names) - set(binder.bind(None, names).strays)
