"""Contract coverage as pytest shows it: a table at the end, a JSON file, a threshold.

It sees the calls of its own process: with pytest-xdist it refuses to run, for each worker would see a part and the
controller nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from .._api import watching
from .._files import try_to_write, write_whole
from ._documents import document_of
from ._ledger import KINDS, Ledger, Tally


class Coverage:
    """Is the plugin that is registered when coverage is asked for."""

    def __init__(self, config: pytest.Config) -> None:
        if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
            raise pytest.UsageError("--odp-coverage counts the calls of its own process; run without pytest-xdist's -n")
        self._config = config
        self._least: float | None = config.getoption("odp_coverage_fail_under")
        self._file: str | None = config.getoption("odp_coverage_json")
        if self._file:
            try:
                try_to_write(self._file)
            except OSError as error:
                told = f"--odp-coverage-json={self._file} cannot be written: {error.strerror}"
                raise pytest.UsageError(told) from None
        self.ledger = Ledger(document_of(config))
        watching.append(self.ledger)

    @property
    def is_short(self) -> bool:
        """Tell whether less than the threshold was exercised."""
        return self._least is not None and self.ledger.percent < self._least

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the file; fail the run that is short of the threshold."""
        if self._file:
            text = json.dumps(self.ledger.to_json(), indent=2, ensure_ascii=False)
            write_whole(self._file, f"{text}\n")
        if self.is_short and exitstatus == pytest.ExitCode.OK and not self._config.option.collectonly:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the table."""
        terminalreporter.section("contract coverage")
        for line in table(self.ledger):
            terminalreporter.write_line(line)
        if self.is_short:
            told = f"contract coverage is {self.ledger.percent:.1f} %, less than the {self._least:g} % asked for"
            terminalreporter.write_line(f"FAILED: {told}", red=True)

    def pytest_unconfigure(self) -> None:
        """Stop counting."""
        watching.remove(self.ledger)


def table(ledger: Ledger) -> Iterator[str]:
    """Yield the report: a line for each operation that was called, then what is missing."""
    called = {name: tally for name, tally in ledger.tallies.items() if tally.calls}
    width = max(map(len, [*called, "operation"]))
    yield f"{'operation':{width}} {'calls':>6} {''.join(f'{kind:>12}' for kind in KINDS)}"
    for name, tally in called.items():
        yield f"{name:{width}} {tally.calls:>6} {''.join(f'{_of(*tally.share(kind)):>12}' for kind in KINDS)}"
    calls = sum(tally.calls for tally in called.values())
    yield f"{'all':{width}} {calls:>6} {''.join(f'{_of(*ledger.share(kind)):>12}' for kind in KINDS)}"
    yield f"{_of(*ledger.share())} of the document exercised: {ledger.percent:.1f} %"
    idle = [name for name, tally in ledger.tallies.items() if not tally.calls]
    yield from [f"never called: {', '.join(idle)}"] if idle else []
    yield from (line for name, tally in called.items() for line in _remarks(name, tally))
    yield from [f"calls of other documents: {ledger.others}"] if ledger.others else []


def _remarks(name: str, tally: Tally) -> Iterator[str]:
    missing = [f"{kind} {', '.join(items)}" for kind in KINDS if (items := tally.missing(kind))]
    if missing:
        yield f"{name} lacks {'; '.join(missing)}"
    if tally.undeclared:
        yield f"{name} answered what is not declared: {', '.join(tally.undeclared)}"


def _of(exercised: int, declared: int) -> str:
    return f"{exercised}/{declared}" if declared else "-"
