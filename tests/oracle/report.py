"""A whole run: traces, records and suites to the comparable part of the JSON report (section 6)."""

from collections import Counter

from . import evaluate, thresholds, values
from .evaluate import ERROR, FAIL, INCONCLUSIVE, PASS, SKIPPED, strongest

EXIT_CODES = {"SUCCESSFUL": 0, "WARNING": 0, "FAILED": 99, "NO_DATA": 121, "INCONCLUSIVE": 120}
RESULTS = (PASS, FAIL, ERROR, INCONCLUSIVE)


class Run:
    """Everything a report is made of. `injections` is None where no file of them was given."""

    def __init__(self, config, traces, injections=None, key=None, baseline=None):
        self.baseline = baseline
        self.config = config
        self.key = key or config.key or "check"
        self.received = traces
        self.records = injections
        self.by_trace = injections.by_trace if injections else {}
        self.traces = traces.close()
        self.judges_injected = config.correlation == "required" or (
            config.correlation == "auto" and injections is not None)
        self.campaign_traces = [trace for trace in self.traces if self._in_campaign(trace)]
        self.verdicts = {}
        self.suites = [_SuiteRun(suite, self) for suite in config.suites]
        for suite in self.suites:
            suite.judge()

    def _in_campaign(self, trace):
        return not self.judges_injected or trace.trace_id in self.by_trace

    def record(self, trace):
        """The injection of a trace, or None."""
        return self.by_trace.get(trace.trace_id)

    # Ledger

    def injection_classes(self):
        """Each record's class in the ledger, by trace ID."""
        classes = {}
        for trace_id, record in self.by_trace.items():
            if trace_id in self.verdicts:
                classes[trace_id] = strongest(self.verdicts[trace_id])
            elif trace_id in self.received.by_id:
                classes[trace_id] = "unjudged"
            elif record.outcome == "not_sent":
                classes[trace_id] = "not_sent"
            else:
                classes[trace_id] = "missing" if record.sampled else "unsampled"
        return classes

    def ledger(self):
        """`ledger` of the report, without sinks."""
        classes = Counter(self.injection_classes().values())
        names = RESULTS + ("missing", "unsampled", "not_sent", "unjudged", "open")
        injections = {"total": len(self.by_trace), **{name: classes[name] for name in names},
                      "repeated": self.records.repeated if self.records else 0}
        return {"injections": injections, "spans": self._span_ledger()}

    def _span_ledger(self):
        spans = Counter(dict.fromkeys(
            ("received", "judged", "unjudged", "outside", "duplicate", "late", "cut", "rejected", "open"), 0))
        spans["rejected"] = self.received.rejected
        for trace in self.traces:
            spans["received"] += trace.received
            spans["duplicate"] += trace.duplicates
            spans["cut"] += trace.cut
            judged = "judged" if trace.trace_id in self.verdicts else "unjudged"
            spans[judged if self._in_campaign(trace) else "outside"] += len(trace.nodes)
            spans["conflicting"] += trace.conflicting
        spans["received"] += self.received.rejected
        spans.setdefault("conflicting", 0)
        return dict(spans)

    def correlation(self):
        """`correlation` of the report."""
        claimed = [trace for trace in self.traces
                   if trace.trace_id not in self.by_trace and self.key in trace.claims]
        present = [trace for trace in self.traces if trace.trace_id in self.by_trace]
        missing = [trace_id for trace_id, record in self.by_trace.items()
                   if record.expects_trace and trace_id not in self.received.by_id]
        return {"matched": len(present), "missing": len(missing),
                "unexpected": len(claimed) if self.judges_injected else 0, "late": 0,
                "duplicate": sum(1 for trace in present if trace.duplicates)}

    # Status

    def status(self):
        """The campaign's status."""
        findings = set().union(*(suite.findings() for suite in self.suites)) | self._own_findings()
        if "FAILED" in findings:
            return "FAILED"
        if not self.verdicts:
            return "NO_DATA"
        return next((status for status in ("INCONCLUSIVE", "WARNING") if status in findings), "SUCCESSFUL")

    def _own_findings(self):
        if not self.judges_injected:
            return set()
        findings, config = set(), self.config
        if self.correlation()["missing"]:
            read = any(threshold.rule.state == "missing"
                       for suite in config.suites for threshold in suite.thresholds)
            outcome = config.missing or ("ignore" if read else "inconclusive")
            findings |= {"fail": {"FAILED"}, "inconclusive": {"INCONCLUSIVE"}}.get(outcome, set())
        if "unjudged" in self.injection_classes().values():
            findings |= {"fail": {"FAILED"}, "warn": {"WARNING"}}.get(config.unjudged, set())
        return findings

    def report(self):
        """The comparable part of the report."""
        return {
            "schema_version": 1,
            "campaign": {"key": self.key, "status": self.status()},
            "ledger": self.ledger(),
            "correlation": self.correlation(),
            "suites": [suite.report() for suite in self.suites],
        }

    def exit_code(self):
        """What `check` ends with."""
        return EXIT_CODES[self.status()]


class _SuiteRun:
    def __init__(self, suite, run):
        self.suite, self.run = suite, run
        self.verdicts = Counter(dict.fromkeys(RESULTS, 0))
        self.by_label = {}
        self.counts = [Counter(dict.fromkeys(RESULTS + (SKIPPED,), 0)) for _ in suite.assertions]
        self.failures = [[] for _ in suite.assertions]
        self.judged = []
        self.judged_thresholds = None

    def judge(self):
        """Judges the campaign's traces, then the thresholds."""
        for trace in self.run.campaign_traces:
            record = self.run.record(trace)
            if evaluate.judges(self.suite, trace, record):
                self._judge_trace(trace, record)
        line = thresholds.Timeline(self.run, self.suite.stages)
        self.judged_thresholds = [thresholds.judge(threshold, self, line) for threshold in self.suite.thresholds]

    def _judge_trace(self, trace, record):
        view = evaluate.View(self.suite, trace, record)
        counting, results = [], []
        for number, assertion in enumerate(self.suite.assertions):
            result, failures = evaluate.judge_assertion(assertion, view)
            results.append(result)
            self.counts[number][result] += 1
            self.failures[number].extend(failures)
            if assertion.severity == "error" and result != SKIPPED:
                counting.append(result)
        verdict = strongest(counting)
        self.verdicts[verdict] += 1
        self.run.verdicts.setdefault(trace.trace_id, []).append(verdict)
        labels = record.labels if record else {}
        row = tuple(labels.get(name, "") for name in ("scenario", "step", "zone"))
        self.by_label.setdefault(row, Counter(dict.fromkeys(RESULTS, 0)))[verdict] += 1
        self.judged.append((trace, record, verdict, results, view))

    # What the campaign is told

    def findings(self):
        """The statuses that the suite asks for."""
        found = set()
        for assertion, counts in zip(self.suite.assertions, self.counts):
            found |= _as_findings(_campaign_result(assertion, counts, self.suite.max_inconclusive), assertion.severity)
        for threshold in self.judged_thresholds:
            found |= _as_findings(threshold["result"], threshold["severity"])
        if not sum(self.verdicts.values()) and not self.suite.optional:
            found.add("INCONCLUSIVE")
        return found

    def report(self):
        """One entry of `suites`."""
        judged = sum(self.verdicts.values())
        return {
            "name": self.suite.name,
            "traces": {"judged": judged, **self.verdicts},
            "by_label": [dict(zip(("scenario", "step", "zone"), row), judged=sum(counts.values()), **counts)
                         for row, counts in sorted(self.by_label.items())],
            "assertions": [self._assertion_report(number) for number in range(len(self.suite.assertions))],
            "thresholds": [_threshold_report(threshold) for threshold in self.judged_thresholds],
        }

    def _assertion_report(self, number):
        assertion, failures = self.suite.assertions[number], self.failures[number]
        most = self.run.config.max_failures
        return {"name": assertion.name, "severity": assertion.severity, **self.counts[number],
                "groups": _groups(failures), "failures": [_failure_report(failure) for failure in failures[:most]],
                "failures_omitted": max(0, len(failures) - most)}


def _as_findings(result, severity):
    if result in (PASS, SKIPPED):
        return set()
    if severity == "warning":
        return {"WARNING"}
    return {"INCONCLUSIVE"} if result == INCONCLUSIVE else {"FAILED"}


def _campaign_result(assertion, counts, max_inconclusive):
    if counts[ERROR]:
        return ERROR
    known = counts[PASS] + counts[FAIL]
    unknown = counts[INCONCLUSIVE]
    if known and unknown / (known + unknown) <= max_inconclusive:
        unknown = 0
    total = known + unknown
    if not total or (counts[FAIL] + unknown) / total <= assertion.tolerance:
        return PASS
    return FAIL if counts[FAIL] / total > assertion.tolerance else INCONCLUSIVE


def _threshold_report(threshold):
    rows = [{**row, "value": values.to_json(row["value"])} for row in threshold.get("by", [])]
    return {**threshold, "value": values.to_json(threshold["value"]), **({"by": rows} if "by" in threshold else {})}


def _failure_report(failure):
    entry = {"trace_id": failure.trace_id, "result": failure.result, "condition": failure.condition,
             "expected": values.to_json(failure.expected), "actual": values.to_json(failure.actual)}
    if failure.node is not None:
        entry["span_id"] = failure.node.span.span_id
    return entry


def _groups(failures):
    groups = {}
    for failure in failures:
        service = failure.node.service if failure.node else ""
        span = failure.node.span.name if failure.node else ""
        row = groups.setdefault((failure.condition, service, span), {"count": 0, "trace_id": failure.trace_id})
        row["count"] += 1
    return [{"condition": condition, "service": service, "span": span, **row}
            for (condition, service, span), row in groups.items()]
