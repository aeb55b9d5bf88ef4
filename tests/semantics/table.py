"""Runs the rows of a table: one trace (or several), many assertions, one result for each."""

import itertools

from tests.semantics import harness


class Case:
    """Spans, and for each row (expected, assert, select, more) what that assertion must come to.

    `expected` is a result, or a dictionary of counts where several traces are judged; `report` holds members of the report
    by path, `code` the exit code; `why` texts that the reason of a row must hold, by the row's expression.
    """
    def __init__(self, title, sent, rows=(), *, report=None, code=None, injections=None, words=(), files=None,
                 config=None, why=None, thresholds=(), **suite):
        self.title, self.sent, self.rows, self.report, self.code = title, sent, rows, report or {}, code
        self.injections, self.words, self.files, self.config = injections, words, files, config or {}
        self.why, self.thresholds, self.suite = why or {}, thresholds, suite

    def assertions(self):
        for number, row in enumerate(self.rows):
            held = {"name": f"r{number}"}
            if len(row) > 2 and row[2] is not None:
                held["select"] = row[2]
            held["assert"] = row[1]
            if len(row) > 3:
                held.update(row[3])
            yield held

    def rules(self):
        for number, row in enumerate(self.thresholds):
            yield {"name": f"t{number}", "rule": row[1], **(row[2] if len(row) > 2 else {})}

    def differences(self):
        """What is not as the table says, as lines."""
        config = harness.document([harness.suite(list(self.assertions()), list(self.rules()), **self.suite)],
                                  **self.config)
        outcome = harness.check(config, self.sent, self.injections, self.words, self.files)
        if outcome.report is None:
            yield f"{self.title}: no report, exit {outcome.code}: {outcome.err.strip()}"
            return
        yield from self.of_rows(outcome)
        yield from self.of_report(outcome)

    def of_rows(self, outcome):
        for number, row in enumerate(self.rows):
            found = outcome.assertion(f"r{number}")
            counts = {each: found[each] for each in harness.RESULTS if found[each]}
            expected = row[0] if isinstance(row[0], dict) else {row[0]: 1}
            reasons = [each["reason"] for each in found["failures"]]
            if counts != expected:
                yield f"{self.title}: {row[1:]}: expected {row[0]}, came to {counts} {reasons}"
            for part in [self.why[row[1]]] if isinstance(row[1], str) and row[1] in self.why else []:
                if not any(part in each for each in reasons):
                    yield f"{self.title}: {row[1]}: reason lacks {part!r}: {reasons}"
        for number, row in enumerate(self.thresholds):
            found = outcome.threshold(f"t{number}")
            expected = row[0] if isinstance(row[0], dict) else {"result": row[0]}
            if any(found.get(key) != held for key, held in expected.items()):
                yield f"{self.title}: {row[1:]}: expected {row[0]}, came to {found}"

    def of_report(self, outcome):
        if self.code is not None and outcome.code != self.code:
            yield f"{self.title}: exit {outcome.code}, expected {self.code}"
        for path, expected in self.report.items():
            found = outcome.at(path)
            if found != expected:
                yield f"{self.title}: {path} is {found!r}, expected {expected!r}"


def differences(cases):
    return list(itertools.chain.from_iterable(case.differences() for case in cases))


def main(cases):
    found = differences(cases)
    for line in found:
        print(line)
    print(
        f"{len(cases)} cases, {sum(len(case.rows) + len(case.thresholds) + len(case.report) for case in cases)} statements, "
        f"{len(found)} differences")
    return 1 if found else 0
