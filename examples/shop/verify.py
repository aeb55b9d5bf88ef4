"""Compares a report of assertd with what was seeded, and with what the shop's own files say.

Everything here is a function from files to a list of problems in words; no problem, empty list.
"""
import collections
import json
import sqlite3
import xml.etree.ElementTree as ElementTree

SUITE = "import order"
ASSERTION_OF = {
    "drop": "accepted orders are processed",
    "late": "processed within 2 s of the request",
    "error": "nothing failed behind the answer",
    "double": "the record is written once",
}
"""The one assertion that each fault breaks."""

RATIO = "at most 1 order of 100 goes wrong"
RATIO_LIMIT = 0.01
EXIT_OF = {"SUCCESSFUL": 0, "FAILED": 99}


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def suite_of(report):
    return next(suite for suite in report["suites"] if suite["name"] == SUITE)


def failing_traces(report, assertion):
    """The trace IDs that an assertion lists as failing, in the report's order."""
    for entry in suite_of(report)["assertions"]:
        if entry["name"] == assertion:
            return [f["trace_id"] for f in entry["failures"] if f["result"] == "fail"]
    return []


def expected_status(truth):
    return "FAILED" if any(fault["count"] for fault in truth["faults"].values()) else "SUCCESSFUL"


def check_campaign(report, truth, exit_code):
    """Status, exit code and account: every order judged, none in doubt."""
    orders = truth["orders"]
    wrong = sum(fault["count"] for fault in truth["faults"].values())
    status = expected_status(truth)
    injections = report["ledger"]["injections"]
    expected = {
        "status": (report["campaign"]["status"], status),
        "key": (report["campaign"]["key"], truth["campaign"]),
        "exit code": (exit_code, EXIT_OF[status]),
        "traces judged": (suite_of(report)["traces"]["judged"], orders),
        "traces failed": (suite_of(report)["traces"]["fail"], wrong),
        "traces passed": (suite_of(report)["traces"]["pass"], orders - wrong),
        "traces inconclusive": (suite_of(report)["traces"]["inconclusive"], 0),
        "traces in error": (suite_of(report)["traces"]["error"], 0),
        "injections": (injections["total"], orders),
        "injections matched": (report["correlation"]["matched"], orders),
        "injections missing": (report["correlation"]["missing"], 0),
        "spans unexpected": (report["correlation"]["unexpected"], 0),
    }
    return [f"{what}: {got}, not {want}" for what, (got, want) in expected.items() if got != want]


def check_assertions(report, truth):
    """Each fault fails its one assertion, for exactly the traces it struck; nothing else fails.

    But for warnings within their tolerance: how quick the answers are is the machine's doing, not the seed's.
    """
    problems = []
    fault_of = {assertion: kind for kind, assertion in ASSERTION_OF.items()}
    for entry in suite_of(report)["assertions"]:
        name, kind = entry["name"], fault_of.pop(entry["name"], None)
        seeded = truth["faults"][kind]["trace_ids"] if kind else []
        found = failing_traces(report, name)
        exact = kind or entry.get("severity") != "warning"
        if exact and entry["fail"] != len(seeded):
            problems.append(f"{name!r} fails {entry['fail']} times, not {len(seeded)}")
        if exact and sorted(found) != sorted(seeded):
            problems.append(f"{name!r} lists other traces than those that were seeded: "
                            f"{sorted(set(found) ^ set(seeded))[:3]}")
        for result in ("error", "inconclusive"):
            if entry[result]:
                problems.append(f"{name!r} is {result} {entry[result]} times")
    problems += [f"no assertion {name!r} in the report" for name in fault_of]
    return problems


def check_ratio(report, truth):
    """The share of failing traces is the share of faults, exactly."""
    share = sum(fault["count"] for fault in truth["faults"].values()) / truth["orders"]
    result = "pass" if share <= RATIO_LIMIT else "fail"
    for entry in suite_of(report)["thresholds"]:
        if entry["name"] == RATIO:
            if abs(entry["value"] - share) > 1e-9 or entry["result"] != result:
                return [f"{RATIO!r} is {entry['result']} with {entry['value']}, "
                        f"not {result} with {share}"]
            return []
    return [f"no threshold {RATIO!r} in the report"]


def check_junit(path, report, truth):
    """JUnit says the same: a case for each rule, a failure where one fails, with its traces."""
    cases = {case.get("name"): case for case in ElementTree.parse(path).iter("testcase")}
    entries = [*suite_of(report)["assertions"], *suite_of(report)["thresholds"]]
    problems = [f"JUnit has no case {entry['name']!r}"
                for entry in entries if entry["name"] not in cases]
    for kind, assertion in ASSERTION_OF.items():
        case, traces = cases.get(assertion), truth["faults"][kind]["trace_ids"]
        if case is None:
            continue
        failure = case.find("failure")
        if (failure is not None) != bool(traces):
            problems.append(f"JUnit: {assertion!r} must {'fail' if traces else 'pass'}")
        elif traces and not any(trace in failure.text for trace in traces):
            problems.append(f"JUnit: {assertion!r} names no failing trace")
    return problems


def check_shop(out, truth):
    """The shop's own files: what was really written and sent, order by order."""
    fault_of = {number: kind for kind, fault in truth["faults"].items()
                for number in fault["orders"]}
    database = sqlite3.connect(f"{out}/orders.db")
    written = collections.Counter(row[0] for row in database.execute("SELECT number FROM orders"))
    database.close()
    with open(f"{out}/mails.jsonl", encoding="utf-8") as file:
        mailed = collections.Counter(json.loads(line)["order"] for line in file)
    problems = []
    for number in range(1, truth["orders"] + 1):
        fault = fault_of.get(number)
        records = {"drop": 0, "error": 0, "double": 2}.get(fault, 1)
        if written[number] != records:
            problems.append(f"order {number} ({fault}) was written {written[number]} times")
        if mailed[number] != (0 if fault == "drop" else 1):
            problems.append(f"order {number} ({fault}) had {mailed[number]} mails")
    return problems


def check_run(out, exit_code):
    """All of it, for one run's folder."""
    truth = read_json(f"{out}/truth.json")
    report = read_json(f"{out}/report.json")
    return [*check_shop(out, truth), *check_campaign(report, truth, exit_code),
            *check_assertions(report, truth), *check_ratio(report, truth),
            *check_junit(f"{out}/report.xml", report, truth)]
