"""Is this an OTLP server as the specification has it?

    python3 -m tests.conformance --grpc HOST:PORT --http HOST:PORT

Sends several hundred requests, most of them odd, and compares each answer with what OTLP, gRPC,
HTTP and protobuf ask for. After each case a small export must still succeed. Needs Python 3.8 and
nothing else. The exit status is 0 where all passed, 1 where not, 2 where the server is not there.
"""
import argparse
import platform
import sys
import time

from tests.conformance import report, run
from tests.conformance.case import LEVELS
from tests.conformance.client import Client

SIZES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def size(text):
    for unit, factor in SIZES.items():
        if text.endswith(unit):
            return int(text[:-len(unit)]) * factor
    return int(text)


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.conformance", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grpc", metavar="HOST:PORT", help="OTLP/gRPC in plain text")
    parser.add_argument("--http", metavar="HOST:PORT", help="OTLP/HTTP in plain text")
    parser.add_argument("--only", metavar="REGEX", default="", help="cases whose ID matches")
    parser.add_argument("--level", choices=LEVELS, default=LEVELS[-1],
                        help="cases down to this level (default: all)")
    parser.add_argument("--limit", type=size, default=64 << 20, metavar="SIZE",
                        help="the server's greatest request (default: 64MiB)")
    parser.add_argument("--patience", type=float, default=5, metavar="SECONDS",
                        help="how long an answer may take (default: 5)")
    parser.add_argument("--slow", type=float, default=0, metavar="SECONDS",
                        help="wait so long for the server's own time-outs (default: not at all)")
    parser.add_argument("--flood", type=size, default=0, metavar="SIZE",
                        help="send so much to make the server refuse for lack of room "
                             "(default: not at all)")
    parser.add_argument("--name", default="", help="what is tested, for the report")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    parser.add_argument("--markdown", metavar="FILE", help="write tables there")
    parser.add_argument("--quiet", action="store_true", help="print failures and the summary only")
    parser.add_argument("--list", action="store_true", help="print the cases and send nothing")
    chosen = parser.parse_args(argv)
    if not (chosen.list or chosen.grpc or chosen.http):
        parser.error("give --grpc, --http, or both")
    return chosen


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def about(given):
    return {"name": given.name, "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "limit": given.limit, "slow": given.slow, "flood": given.flood,
            "python": platform.python_version()}


def main(argv=None):
    given = arguments(argv)
    cases = [case for case in run.chosen(given.only)
             if LEVELS.index(case.level) <= LEVELS.index(given.level)]
    if given.list:
        for case in cases:
            print(f"{case.level:6}  {case.id}  [{case.section}]  {case.sent} -> "
                  f"{case.expect.words}")
        return 0
    client = Client(given.grpc, given.http, given.limit, given.patience, given.slow, given.flood)
    unwell = client.is_well()
    if unwell is not None:
        print(f"no OTLP server there: {unwell}", file=sys.stderr)
        return 2
    began = time.monotonic()
    results = run.run(cases, client, tell=lambda result: None if given.quiet
                      else print(report.line(result), flush=True))
    failures = [result for result in results if result.verdict == run.FAIL]
    if failures:
        print("\nFailed:\n\n" + "\n".join(map(report.failure, failures)))
    print(f"\n{report.summary(results)}\n\n{time.monotonic() - began:.1f} s")
    if given.json:
        write(given.json, report.to_json(results, about(given)))
    if given.markdown:
        write(given.markdown, report.markdown(results))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
