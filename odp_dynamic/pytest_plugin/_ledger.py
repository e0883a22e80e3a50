"""Contract coverage: what of a document the calls of a test run have exercised.

| kind of item      | one for each                                            | exercised by                           |
|-------------------|---------------------------------------------------------|----------------------------------------|
| ``statuses``      | status that an operation declares                       | an answer with it                      |
| ``parameters``    | parameter                                               | a call that gives it                   |
| ``request``       | property of the request's body, at any depth            | a body that holds it, and an answer    |
| ``responses``     | property of the body of each declared answer            | an answer that holds it                |

Every Api of the process counts, whatever its transport; a call counts when it was answered. Only operations of the
measured document are told; calls of others are numbered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any

from .._document import Document
from .._operations import Operation, operations_of
from .._tape import edition
from .._values import Response
from ._calls import body_of
from ._shapes import Shape, pointers, shape_of, used

KINDS = ("statuses", "parameters", "request", "responses")


class Tally:
    """Is the count of one operation: of each item how often it was exercised, 0 for those that were not."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.calls = 0
        self.undeclared: Counter[str] = Counter()
        self._body = shape_of([operation.request_body]) if operation.request_body else Shape()
        self._answers = {status: shape_of([declared]) for status, declared in operation.responses.items()}
        self.items: Mapping[str, Counter[str]] = {
            "statuses": Counter(dict.fromkeys(operation.responses, 0)),
            "parameters": Counter({parameter.where: 0 for parameter in operation.parameters}),
            "request": Counter(dict.fromkeys(pointers(self._body), 0)),
            "responses": Counter(
                {f"{status} {place}": 0 for status, shape in self._answers.items() for place in pointers(shape)}
            ),
        }

    def count(self, response: Response) -> None:
        """Count an answer and the call that it belongs to."""
        request, operation = response.request, self.operation
        self.calls += 1
        given = zip(operation.parameters, request.arguments, strict=False)
        self.items["parameters"].update(parameter.where for parameter, value in given if value is not None)
        self.items["request"].update(used(self._body, body_of(request)))
        declared = operation.response(response.status)
        if declared is None:
            self.undeclared[str(response.status)] += 1
            return
        places = used(self._answers[declared.status], response.data)
        self.items["statuses"][declared.status] += 1
        self.items["responses"].update(f"{declared.status} {place}" for place in places)

    def share(self, kind: str) -> tuple[int, int]:
        """Return how many items of a kind were exercised, and how many there are."""
        counts = self.items[kind].values()
        return sum(count > 0 for count in counts), len(counts)

    def missing(self, kind: str) -> list[str]:
        """Return the items of a kind that were not exercised."""
        return [item for item, count in self.items[kind].items() if not count]


class Ledger:
    """Counts the answers of every Api against one document; threads may share it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.tallies = {name: Tally(operation) for name, operation in operations_of([document]).items()}
        self.others = 0
        self._lock = Lock()

    def __call__(self, operation: Operation, response: Response) -> None:
        """Count an answer."""
        tally = self.tallies.get(operation.id)
        with self._lock:
            # The same document is often loaded twice: an operation is known by what it is, not by which object it is.
            if tally is None or (tally.operation.method, tally.operation.path) != (operation.method, operation.path):
                self.others += 1
            else:
                tally.count(response)

    def share(self, kind: str | None = None) -> tuple[int, int]:
        """Return how many items were exercised and how many there are, of a kind or of all."""
        shares = [tally.share(one) for tally in self.tallies.values() for one in ([kind] if kind else KINDS)]
        return sum(exercised for exercised, _ in shares), sum(declared for _, declared in shares)

    @property
    def percent(self) -> float:
        """Return the share of exercised items; of nothing, all is exercised."""
        exercised, declared = self.share()
        return 100 * exercised / declared if declared else 100.0

    def to_json(self) -> dict[str, Any]:
        """Return all counts as JSON."""
        exercised, declared = self.share()
        return {
            "document": {"name": edition(self.document), "source": self.document.source},
            "percent": round(self.percent, 2),
            "exercised": exercised,
            "declared": declared,
            "calls_of_other_documents": self.others,
            "operations": dict(self._operations()),
        }

    def _operations(self) -> Iterator[tuple[str, Any]]:
        for name, tally in self.tallies.items():
            told = {kind: dict(tally.items[kind]) for kind in KINDS}
            yield name, {"calls": tally.calls, **told, "undeclared_statuses": dict(tally.undeclared)}
