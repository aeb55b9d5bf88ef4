"""Runs cases one after the other against one server."""
import re
import threading
import time
from collections import namedtuple

from tests.conformance import cases_data, cases_flood, cases_grpc, cases_http, cases_http1
from tests.conformance import cases_http2, cases_json, cases_overload, cases_packed
from tests.conformance import cases_protobuf, cases_slow
from tests.conformance.case import Skip

PASS, FAIL, SKIP = "pass", "fail", "skip"

#: `came` is what was seen, or why the case was skipped.
Result = namedtuple("Result", "case verdict came seconds")


def families():
    """Every family, in the order of the table."""
    return [family for module in (cases_grpc, cases_http2, cases_flood, cases_http, cases_http1,
                                  cases_packed, cases_protobuf, cases_json, cases_data, cases_slow,
                                  cases_overload)
            for family in module.families()]


def chosen(pattern=""):
    """Cases whose ID matches."""
    return [case for family in families() for case in family.cases
            if re.search(pattern, case.id)]


def _judge(case, client):
    try:
        came = case.run(client)
        return (PASS if case.expect.test(came) else FAIL), str(came)
    except Skip as reason:
        return SKIP, str(reason)
    except OSError as error:
        return FAIL, f"no connection: {error}"
    except Exception as error:  # whatever a server's answer may break
        return FAIL, f"cannot be read: {error!r}"


def run_one(case, client):
    began = time.monotonic()
    verdict, came = _judge(case, client)
    if verdict != SKIP:
        unwell = client.is_well()
        if unwell is not None:
            verdict, came = FAIL, f"{came}; server unwell after: {unwell}"
    return Result(case, verdict, came, time.monotonic() - began)


def _side_by_side(cases, client, tell):
    """Cases that wait for the server's clocks wait together."""
    found = {}
    threads = [threading.Thread(
        target=lambda one=case: found.update({one.id: run_one(one, client)})) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for case in cases:
        tell(found[case.id])
    return [found[case.id] for case in cases]


def run(cases, client, tell=lambda result: None):
    """The results, in order; `tell` hears of each at once."""
    results = []
    for case in cases:
        if case.area != "slow":
            results.append(run_one(case, client))
            tell(results[-1])
    return results + _side_by_side([case for case in cases if case.area == "slow"], client, tell)
