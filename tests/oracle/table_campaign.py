"""Golden cases: verdicts, thresholds, campaign (section 6)."""

from .case_writing import BASE, MS, T1, T2, T3, case, entry, span
from .table_conditions import NAMES, THREE
from .table_spans import ZOO


def _trace(number, **more):
    """One trace with a request and, where `mail` says when, a mail."""
    trace_id = f"{number:032x}"
    mail = more.pop("mail", None)
    spans = [span(1, name="request", trace=trace_id, **more)]
    if mail is not None:
        spans.append(span(2, 1, name="mail", trace=trace_id, start=mail))
    return spans


def _traces(*mails):
    return [one for number, mail in enumerate(mails, 1) for one in _trace(number, mail=mail)]


MAILS = {"spans": {"request": "span[name=request]", "mail": "span[name=mail]"},
         "assertions": [{"name": "there", "select": "span[]", "assert": "count >= 1"}]}


def thresholds(name, spans, rows, injections=None, suite=None, **config):
    """A case with a threshold for each (rule, result, value, samples, absent); min_samples is 1 but where the row says."""
    made, expected = [], {}
    for number, (rule, result, value_, samples, absent, *more) in enumerate(rows):
        title = f"{number}: {rule}"
        settings = {"min_samples": 1} if not more else more[0]
        made.append({"name": title, "rule": rule, **settings})
        expected[title] = {"result": result, "value": value_, "samples": samples, "absent": absent}
    return case(name, spans, {"thresholds": expected}, {**MAILS, **(suite or {}), "thresholds": made}, injections, **config)


def _status(name, spans, status, exit_code, assertions, injections=None, suite=None, **config):
    return case(name, spans, {"status": status, "exit": exit_code}, {**(suite or {}), "assertions": assertions}, injections, **config)


def _one(condition, select="span[]", **more):
    return {"name": more.pop("name", condition), "select": select, "assert": condition, **more}


def section_6_thresholds():
    """Thresholds."""
    ten = _traces(*range(60, 160, 10))                     # mail 10 ms … 100 ms after the request's end
    lost = _traces(60, 70, 80, None)
    numbers = [one for number, item in enumerate([1, 2.5, 4, "5", True, None, float("nan")], 1)
               for one in _trace(number, attributes={"n": item})]
    odd = (_trace(1, mail=60) + _trace(2, mail=70, length=-5) + [span(9, name="other", trace=T3)]
           + _trace(4, mail=60) + [span(3, 1, name="mail", trace=f"{4:032x}", start=90)] + _trace(5, mail=60, flags=2) + _trace(6, mail=40))
    states = ([{"trace_id": f"{number:032x}"} for number in range(1, 5)]
              + [{"trace_id": "aa" * 16}, {"trace_id": "bb" * 16, "sampled": False}, {"trace_id": "cc" * 16, "outcome": "not_sent"}])
    delta = "$mail.start - $request.end"
    return [
        thresholds("percentiles of a difference", ten, [
            (f"p(50)({delta}) <= 50ms", "pass", 50 * MS, 10, 0), (f"p(51)({delta}) <= 50ms", "fail", 60 * MS, 10, 0), (f"p(90)({delta}) < 100ms", "pass", 90 * MS, 10, 0),
            (f"p(100)({delta}) < 200ms", "pass", 100 * MS, 10, 0), (f"p(0.1)({delta}) < 50ms", "pass", 10 * MS, 10, 0), (f"min({delta}) = 10ms", "pass", 10 * MS, 10, 0),
            (f"max({delta}) = 100ms", "pass", 100 * MS, 10, 0), (f"avg({delta}) = 55ms", "pass", 55 * MS, 10, 0), (f"avg({delta}) != 55ms", "fail", 55 * MS, 10, 0),
            ("p(50)($request.end - $mail.start) < 0s", "pass", -60 * MS, 10, 0), ("max($mail.duration) <= 50ms", "pass", 50 * MS, 10, 0)]),
        thresholds("smallest numbers of samples", ten, [
            (f"p(90)({delta}) < 1s", "pass", 90 * MS, 10, 0, {}), (f"p(91)({delta}) < 1s", "inconclusive", 100 * MS, 10, 0, {}),
            (f"p(99)({delta}) < 1s", "inconclusive", 100 * MS, 10, 0, {}), (f"p(100)({delta}) < 1s", "pass", 100 * MS, 10, 0, {}),
            (f"avg({delta}) < 1s", "pass", 55 * MS, 10, 0, {}), (f"min({delta}) < 1s", "inconclusive", 10 * MS, 10, 0, {"min_samples": 11}),
            ("ratio(pass) = 100%", "pass", 1, 10, 0, {"min_samples": 10}), ("ratio(pass) = 100%", "inconclusive", 1, 10, 0, {"min_samples": 11})]),
        thresholds("what was to happen and did not", lost, [
            (f"p(75)({delta}) < 1s", "pass", 30 * MS, 4, 1), (f"p(76)({delta}) < 1s", "fail", "Infinity", 4, 1), (f"max({delta}) < 1s", "fail", "Infinity", 4, 1),
            (f"max({delta}) > 1s", "pass", "Infinity", 4, 1), (f"avg({delta}) = 20ms", "pass", 20 * MS, 3, 1), (f"min({delta}) = 10ms", "pass", 10 * MS, 3, 1),
            ("max($mail.duration) = 50ms", "pass", 50 * MS, 3, 0)]),
        thresholds("odd traces: backwards, nothing, two mails, short, negative", odd, [
            (f"max({delta}) < 1s", "pass", 10 * MS, 2, 0), (f"min({delta}) = -10ms", "pass", -10 * MS, 2, 0), ("max($request.duration) = 50ms", "pass", 50 * MS, 3, 0)]),
        thresholds("numbers", numbers, [
            ("p(50)($request.n) = 2.5", "pass", 2.5, 3, 0), ("max($request.n) <= 4", "pass", 4, 3, 0), ("avg($request.n) = 2.5", "pass", 2.5, 3, 0),
            ("min($request.attr:n) > 1", "fail", 1, 3, 0), ("max($request.nope) > 1", "inconclusive", None, 0, 0), ("max($request.resource:n) > 1", "inconclusive", None, 0, 0)]),
        thresholds("results", ten, [
            ("count(pass) = 10", "pass", 10, 10, 0), ("count(fail) > 0", "fail", 0, 10, 0), ("ratio(pass) >= 100%", "pass", 1, 10, 0), ("ratio(error) < 0.1%", "pass", 0, 10, 0),
            ("count(inconclusive) <= 0", "pass", 0, 10, 0), ("ratio(missing) <= 0", "skipped", None, 0, 0), ("count(unexpected) = 0", "skipped", None, 0, 0),
            ("max($mail.start - $injection.time) < 1s", "skipped", None, 0, 0)]),
        thresholds("percentages are exact", _traces(*[60] * 7), [("ratio(pass) <= 100%", "pass", 1, 7, 0)]),
        thresholds("states of injections", ten[:8] + [ten[0]], [
            ("count(missing) = 1", "pass", 1, 5, 0), ("ratio(missing) = 20%", "pass", 0.2, 5, 0), ("count(duplicate) = 1", "pass", 1, 7, 0), ("ratio(late) = 0", "pass", 0, 7, 0),
            ("count(unexpected) = 0", "pass", 0, 7, 0), ("count(pass) = 4", "pass", 4, 4, 0)], states),
        thresholds("the time of the injection", lost, [
            ("max($mail.start - $injection.time) = 80ms", "fail", "Infinity", 2, 1), ("min($mail.start - $injection.time) = 70ms", "pass", 70 * MS, 1, 1)],
            [{"trace_id": T1}, {"trace_id": T2, "time_unix_nano": BASE}, {"trace_id": f"{4:032x}", "time_unix_nano": BASE}]),
        thresholds("nothing was judged", [], [("count(pass) = 0", "inconclusive", None, 0, 0), ("max($mail.duration) > 1s", "inconclusive", None, 0, 0)]),
    ]


def section_6_campaign():
    """Verdicts, tolerance, statuses, the ledger."""
    two = _trace(1, status=2) + _trace(2)
    ten = [one for number in range(1, 11) for one in _trace(number, status=2 if number <= 3 else 0, flags=2 if number == 10 else 1)]
    all_traces = [f"{number:032x}" for number in range(1, 11)]
    good, bad = _one("count >= 1", name="good"), _one("status != error", name="bad")
    known = [{"trace_id": T1}, {"trace_id": T2}]
    return [
        _status("successful", two, "SUCCESSFUL", 0, [good]),
        _status("failed", two, "FAILED", 99, [good, bad]),
        _status("an error is failed", _trace(1, attributes={"v": b""}), "FAILED", 99, [_one("v = 1")]),
        _status("a warning that fails", two, "WARNING", 0, [good, {**bad, "severity": "warning"}]),
        _status("inconclusive", _trace(1, flags=2), "INCONCLUSIVE", 120, [_one("count = 1")]),
        _status("an inconclusive warning", _trace(1, flags=2), "WARNING", 0, [_one("count = 1", severity="warning")]),
        _status("no data", [], "NO_DATA", 121, [good]),
        _status("no data, since nothing was injected", two, "NO_DATA", 121, [good], [{"trace_id": T3}]),
        _status("a suite judged nothing", two, "NO_DATA", 121, [good], suite={"traces": "span[name=x]"}),
        case("one of two suites judged nothing", two, {"status": "INCONCLUSIVE"}, suites=[
            {"name": "one", "assertions": [good]}, {"name": "two", "traces": "span[name=x]", "assertions": [good]}]),
        case("one of two suites judged nothing and may", two, {"status": "SUCCESSFUL"}, suites=[
            {"name": "one", "assertions": [good]}, {"name": "two", "traces": "span[name=x]", "assertions": [good], "optional": True}]),
        _status("skipped passes", two, "SUCCESSFUL", 0, [_one("count = 1", "span[name=x]", optional=True)]),
        _status("half is within a half", two, "SUCCESSFUL", 0, [{**bad, "tolerance": 0.5}]),
        _status("half is beyond 0.49", two, "FAILED", 99, [{**bad, "tolerance": 0.49}]),
        _status("3 failed of 10, 1 open: beyond 0.29", ten, "FAILED", 99, [{**bad, "tolerance": 0.29}]),
        _status("3 failed of 10, 1 open: 0.3 is between", ten, "INCONCLUSIVE", 120, [{**bad, "tolerance": 0.3}]),
        _status("3 failed of 10, 1 open: within 0.4", ten, "SUCCESSFUL", 0, [{**bad, "tolerance": 0.4}]),
        _status("1 open of 10 is left out, 3 of 9 failed: within 0.34", ten, "SUCCESSFUL", 0, [{**bad, "tolerance": 0.34}],
                suite={"max_inconclusive": 0.1}),
        _status("1 open of 10 is left out, 3 of 9 failed: beyond 0.3", ten, "FAILED", 99, [{**bad, "tolerance": 0.3}],
                suite={"max_inconclusive": 0.1}),
        _status("1 open of 10 is more than 0.09", ten, "INCONCLUSIVE", 120, [{**bad, "tolerance": 0.3}], suite={"max_inconclusive": 0.09}),
        _status("an error is never tolerated", _trace(1, attributes={"v": b""}), "FAILED", 99, [_one("v = 1", tolerance=1.0)]),
        case("counts and verdicts", ten, {
            "suite": {"judged": 10, "pass": 6, "fail": 3, "error": 0, "inconclusive": 1}, "assertions": {"bad": {"pass": 6, "fail": 3, "inconclusive": 1, "skipped": 0}}},
            {"assertions": [good, bad]}),
        case("thresholds that fail", two, {"status": "FAILED"}, {"assertions": [good], "thresholds": [{"name": "t", "rule": "count(pass) < 2"}]}),
        case("a warning threshold that fails", two, {"status": "WARNING"}, {
            "assertions": [good], "thresholds": [{"name": "t", "rule": "count(pass) < 2", "severity": "warning"}]}),
        case("too few samples", two, {"status": "INCONCLUSIVE"}, {"assertions": [good], "thresholds": [{"name": "t", "rule": "count(pass) = 2", "min_samples": 3}]}),
        case("injections missing", two, {"status": "INCONCLUSIVE", "exit": 120, "correlation": {"matched": 2, "missing": 1, "unexpected": 0, "late": 0, "duplicate": 0},
                                         "ledger": {"injections": {"total": 3, "pass": 2, "missing": 1, "fail": 0}}}, {"assertions": [good]}, known + [{"trace_id": T3}]),
        case("injections missing, a threshold reads them", two, {"status": "SUCCESSFUL"}, {
            "assertions": [good], "thresholds": [{"name": "t", "rule": "ratio(missing) <= 50%"}]}, known + [{"trace_id": T3}]),
        case("missing = fail", two, {"status": "FAILED"}, {"assertions": [good], "thresholds": [{"name": "t", "rule": "ratio(missing) <= 50%"}]},
             known + [{"trace_id": T3}], campaign={"missing": "fail"}),
        case("missing = ignore", two, {"status": "SUCCESSFUL"}, {"assertions": [good]}, known + [{"trace_id": T3}], campaign={"missing": "ignore"}),
        case("unsampled, not sent, repeated", two, {"status": "SUCCESSFUL", "ledger": {"injections": {
            "total": 5, "repeated": 1, "pass": 2, "unsampled": 1, "not_sent": 2, "missing": 0}}}, {"assertions": [good]},
            [{"trace_id": T1, "sampled": False}, {"trace_id": T2, "outcome": "not_sent"}, {"trace_id": T3, "sampled": False}, {"trace_id": T3},
             {"trace_id": "aa" * 16, "outcome": "not_sent"}, {"trace_id": "bb" * 16, "sampled": False, "outcome": "not_sent"}]),
        case("unjudged", two, {"status": "WARNING", "exit": 0, "ledger": {
            "injections": {"total": 2, "pass": 1, "unjudged": 1}, "spans": {"received": 2, "judged": 1, "unjudged": 1, "outside": 0}}},
            {"traces": "span[status=error]", "assertions": [good]}, known),
        case("unjudged = ignore", two, {"status": "SUCCESSFUL"}, {"traces": "span[status=error]", "assertions": [good]}, known, campaign={"unjudged": "ignore"}),
        case("unjudged = fail", two, {"status": "FAILED"}, {"traces": "span[status=error]", "assertions": [good]}, known, campaign={"unjudged": "fail"}),
        case("unjudged without injections", two, {"status": "SUCCESSFUL", "ledger": {"spans": {"judged": 1, "unjudged": 1}}},
             {"traces": "span[status=error]", "assertions": [good]}),
        case("outside", two, {"status": "SUCCESSFUL", "suite": {"judged": 1}, "ledger": {"spans": {"received": 2, "judged": 1, "outside": 1}, "injections": {"total": 1}},
                              "correlation": {"matched": 1, "unexpected": 0}}, {"assertions": [good]}, known[:1]),
        case("unexpected", _trace(1) + _trace(2, traceState="x=1, assertd=my%2Dkey/pay") + _trace(3, traceState="assertd=other"), {
            "campaign_key": "my-key", "correlation": {"matched": 1, "unexpected": 1}, "ledger": {"spans": {"judged": 1, "outside": 2}}}, {"assertions": [good]}, known[:1],
            campaign_argument="my-key"),
        case("unexpected by an attribute of a root span",
             _trace(1) + _trace(2, attributes={"assertd.campaign": "my-key"}) + _trace(3, attributes={"assertd.campaign": "other"})
             + _trace(4, parent=9, attributes={"assertd.campaign": "my-key"})
             + _trace(5, traceState="assertd=other", attributes={"assertd.campaign": "my-key"}), {
                 "campaign_key": "my-key", "correlation": {"matched": 1, "unexpected": 1}, "ledger": {"spans": {"judged": 1, "outside": 4}}},
             {"assertions": [good]}, known[:1], campaign_argument="my-key"),
        case("correlation off", two, {"suite": {"judged": 2}, "results": {"good": "pass"}, "assertions": {"paid": {"pass": 1, "fail": 1}}}, {"assertions": [
            good, {"name": "paid", "assert": "$injection.status = 200"}]}, [{"trace_id": T1, "status": 200}], campaign={"correlation": "off"}),
        case("the strongest verdict of an injection", two, {"ledger": {"injections": {"total": 2, "fail": 1, "pass": 1}}}, None, known, suites=[
            {"name": "one", "assertions": [good]}, {"name": "two", "assertions": [bad]}]),
        case("a warning never turns a trace red", two, {"suite": {"judged": 2, "pass": 2}}, {"assertions": [{**bad, "severity": "warning"}]}),
        case("labels in the report", two, {"by_label": [["", "", "", 1], ["pay", "s1", "", 1]]}, {"assertions": [good]},
             [{"trace_id": T1, "scenario": "pay", "step": "s1"}, {"trace_id": T2}]),
        case("the order and the limit of failures", _trace(2, mail=10) + _trace(1, mail=5), {"omitted": {"a": 2}, "failures": {"a": [
            {"trace_id": T1, "condition": "name = x", "span_id": f"{1:016x}", "expected": "x", "actual": "request", "result": "fail"},
            {"trace_id": T1, "condition": "name = x", "span_id": f"{2:016x}", "expected": "x", "actual": "mail", "result": "fail"},
            {"trace_id": T1, "condition": "count = 1", "span_id": None, "expected": 1, "actual": 2, "result": "fail"},
            {"trace_id": T2, "condition": "name = x", "span_id": f"{1:016x}", "expected": "x", "actual": "request", "result": "fail"}]}},
            {"assertions": [{"name": "a", "select": "span[]", "assert": ["name = x", "count = 1"]}]}, report={"max_failures": 4}),
        case("expected and actual keep their type", [ZOO], {"failures": {
            name: [entry] for name, entry in (
                ("i5 = 6", {"expected": 6, "actual": 5}), ("d15 = 2.5", {"expected": 2.5, "actual": 1.5}), ("yes = false", {"expected": False, "actual": True}),
                ("abc = 'x'", {"expected": "x", "actual": "abc"}), ("i53 = 9007199254740995", {"expected": "9007199254740995", "actual": "9007199254740993"}),
                ("dnan = 1", {"expected": 1, "actual": "NaN"}), ("dninf > 0", {"expected": 0, "actual": "-Infinity"}), ("bytes = abc", {"expected": "abc", "actual": "YWJj", "result": "error"}),
                ("duration < 50ms", {"expected": 50 * MS, "actual": 50 * MS}), ("nope = 1", {"expected": 1, "actual": None}), ("kv = 1", {"expected": 1, "actual": {"k": 1}, "result": "error"}),
                ("i5 missing", {"expected": True, "actual": False}), ("nope exists", {"expected": True, "actual": False}), ("not (i5 = 5)", {"expected": True, "actual": False}),
                ("none: i5 = 5", {"expected": 5, "actual": 5}), ("any: i5 = 6", {"expected": 6, "actual": None, "span_id": None}), ("abc =~ 'x'", {"expected": "x", "actual": "abc"}),
                ("count = 2", {"expected": 2, "actual": 1, "span_id": None}), ("i5 < 50%", {"expected": 0.5, "actual": 5}))}},
            {"assertions": [_one(text, name=text) for text in (
                "i5 = 6", "d15 = 2.5", "yes = false", "abc = 'x'", "i53 = 9007199254740995", "dnan = 1", "dninf > 0", "bytes = abc", "duration < 50ms", "nope = 1", "kv = 1",
                "i5 missing", "nope exists", "not (i5 = 5)", "none: i5 = 5", "any: i5 = 6", "abc =~ 'x'", "count = 2", "i5 < 50%")]}),
        case("failures of names", THREE, {"failures": {
            "$request.v = 2": [entry(1, expected=2, actual=1)], "$nobody.v = 2": [entry(None, expected=2, actual=None, span_id=None)],
            "$row.v = 2": [entry(None, expected=2, actual=None, span_id=None)], "$mail.start - $request.end < 1ms": [entry(None, expected=MS, actual=50 * MS, span_id=None)],
            "$mail.end - $mail.start < 1ms": [entry(2, expected=MS, actual=50 * MS)], "count($row) = 1": [entry(None, expected=1, actual=2, span_id=None)],
            "$injection.status = 200": [entry(None, expected=200, actual=None, span_id=None)]}},
            {**NAMES, "assertions": [{"name": text, "assert": text} for text in (
                "$request.v = 2", "$nobody.v = 2", "$row.v = 2", "$mail.start - $request.end < 1ms", "$mail.end - $mail.start < 1ms", "count($row) = 1", "$injection.status = 200")]}),
        case("required without any trace of it", two, {"status": "NO_DATA", "exit": 121, "ledger": {"spans": {"outside": 2}, "injections": {"total": 1, "missing": 1}}},
             {"assertions": [good]}, [{"trace_id": T3}], campaign={"correlation": "required"}),
        case("more injections than ten", [one for ident in all_traces for one in _trace(int(ident, 16))], {
            "status": "SUCCESSFUL", "ledger": {"injections": {"total": 10, "pass": 10}}}, {"assertions": [good]}, [{"trace_id": ident} for ident in all_traces]),
    ]
