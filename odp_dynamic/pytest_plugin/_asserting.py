"""`assert_valid`: a payload against the document, in a test."""

from __future__ import annotations

from typing import Any

from .._api import Api
from .._operations import Operation
from .._schema import Schema
from .._values import Problem
from ..errors import closest


def assert_valid(
    name_or_operation: str | Operation | Schema, payload: Any, *, status: int | None = None, api: Api | None = None
) -> None:
    """Fail with all problems of a payload: of a schema's value, or of what an operation takes or answers.

    An operation is judged by its request body, or by its answer of `status`. A name that an operation and a schema
    share is the operation's. `api` says which document counts; by default it is the test run's, and outside of one the
    one that `Api()` has. Raises AssertionError, and LookupError for a name that is neither.
    """
    __tracebackhide__ = True
    subject = _subject(name_or_operation, api)
    told, problems = _judged(subject, payload, status)
    if problems:
        count = f"{len(problems)} problem{'s'[: len(problems) != 1]}"
        lines = "\n".join(f"  {_place(problem)}: {problem.message}" for problem in problems)
        raise AssertionError(f"{told}: {count} in the payload\n{lines}")


def _place(problem: Problem) -> str:
    return problem.pointer or ("the payload" if problem.where in {"body", "response"} else problem.where)


def _subject(wanted: str | Operation | Schema, api: Api | None) -> Operation | Schema:
    __tracebackhide__ = True
    if not isinstance(wanted, str):
        return wanted
    api = api or _default()
    if wanted in api.operations:
        return api.operations[wanted]
    if wanted in api.schemas:
        return api.schemas[wanted]
    near = closest(wanted, [*api.operations, *api.schemas])
    raise LookupError(f"no operation or schema is called {wanted!r}{f'; did you mean {near!r}?' if near else ''}")


def _default() -> Api:
    from . import configs
    from ._documents import document_of

    return Api(document_of(configs[-1])) if configs else Api()


def _judged(subject: Operation | Schema, payload: Any, status: int | None) -> tuple[str, tuple[Problem, ...]]:
    if isinstance(subject, Schema):
        if status is not None:
            raise ValueError("a schema has no status; name an operation")
        return subject.name, subject.problems(payload)
    return _answer(subject, payload, status) if status is not None else _request(subject, payload)


def _request(operation: Operation, payload: Any) -> tuple[str, tuple[Problem, ...]]:
    body = operation.request_body
    if body is None:
        return operation.id, (Problem("body", "", "requestBody", "the operation takes no body; say which status"),)
    return f"{operation.id}'s request", body.problems(payload)


def _answer(operation: Operation, payload: Any, status: int) -> tuple[str, tuple[Problem, ...]]:
    declared = operation.response(status)
    told = f"{operation.id}'s answer {status}"
    if declared is None:
        known = ", ".join(operation.responses) or "none"
        return told, (Problem("response", "", "responses", f"the status is not declared; the document has {known}"),)
    if not declared.content and payload is not None:
        return told, (Problem("response", "", "content", "the document declares no body for this status"),)
    return told, declared.problems(payload)
