"""DESIGN 4.2: which traces close after quiet, and which wait for the deadline. One daemon, a suite for each row."""

import unittest

from tests.e2e import harness
from tests.semantics.harness import span

ALL = "span[]"
NAMES = {"a": "span[name=a]", "q": "span[name=q]"}


def holds(*conditions, select=ALL, **more):
    return dict(assertions=[{"name": "r", "select": select, "assert": list(conditions), **more}])


def named(condition):
    return dict(assertions=[{"name": "r", "assert": condition}], spans=NAMES)


def rule(text):
    return dict(thresholds=[{"name": "t", "rule": text}], spans=NAMES, outputs={"o": "$q.start - $a.end"}, **holds("count >= 1"))


ONE = [dict(number=1)]
A = [dict(number=1, name="a")]
BOTH = A + [dict(number=2, parent=1, name="q")]

ROWS = [  # (closes after quiet, spans, suite)
    (True, ONE, holds("count >= 1")),
    (True, ONE, holds("count = 1")),
    (True, [dict(number=1, parent=9)], holds("count >= 1")),
    (True, [dict(number=1), dict(number=2, parent=9)], holds("count >= 1")),
    (False, [dict(number=1, parent=8), dict(number=2, parent=9)], holds("count >= 1")),
    (False, [dict(number=1, parent=2), dict(number=2, parent=1)], holds("count >= 1")),
    (False, ONE, holds("count = 2")),
    (False, ONE, holds("k = 1", select="span[name=q]")),
    (True, ONE, holds("k = 1", select="span[name=q]", optional=True)),
    (True, ONE, holds("count = 1", when="span[name=q]")),
    (True, ONE, holds("none: k = 1", select="span[name=q]")),
    (True, ONE, holds("k = 1")),
    (False, ONE, holds("any: k = 1")),
    (False, ONE, named("$q.k = 1")),
    (True, ONE, named("count($q) = 0")),
    (False, ONE, named("count($q) >= 1")),
    (False, A, named("each $a followed by $q")),
    (False, ONE, named("trace:spans >= 2")),
    (False, ONE, named("edge a -> b")),
    (False, A, rule("max($q.start - $a.end) < 5s")),
    (False, A, rule("max(output:o) < 5s")),
    (True, ONE, rule("max($q.start - $a.end) < 5s")),
    (True, BOTH, rule("max($q.start - $a.end) < 5s")),
    (True, A, rule("max($q.duration) < 5s")),
    (True, A, rule("max($q.start - $a.end){scenario:other} < 5s")),
]


def message(row, spans):
    return [span(**each, trace=row + 1, attrs={"row": row}) for each in spans]


class Settling(harness.TestCase):

    def test_absence_is_never_decided_by_quiet(self):
        suites = [{"name": f"row {row}", "traces": f"span[row={row}]", **suite} for row, (_, _, suite) in enumerate(ROWS)]
        suites.append({"name": "last", "traces": "span[row=999]", **holds("count = 1")})
        settings = harness.config(suites=suites, campaign={"correlation": "off"},
                                  completion={"quiet": "300ms", "deadline": "60s", "grace": "50ms"})
        daemon = self.daemon(settings)
        campaign = daemon.start_campaign("c")
        daemon.send({"resourceSpans": [each for row, (_, spans, _) in enumerate(ROWS) for each in message(row, spans)]})
        quiet = {f"row {row}" for row, (closes, _, _) in enumerate(ROWS) if closes}
        campaign.wait_for_report(lambda report: quiet <= self.judged(report), "the traces that settle")
        daemon.send({"resourceSpans": message(999, ONE)})  # later than all of them by a quiet
        report = campaign.wait_for_report(lambda report: "last" in self.judged(report), "the last trace")
        self.assertEqual(quiet | {"last"}, self.judged(report))
        campaign.abort()

    @staticmethod
    def judged(report):
        return {suite["name"] for suite in report["suites"] if suite["traces"]["judged"] != 0}


if __name__ == "__main__":
    unittest.main()
