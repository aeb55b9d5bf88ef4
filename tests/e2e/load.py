"""The COMMAND of `assertd run` in tests: finds the daemon by its environment, as a load generator does.

    load.py '{"traces": [{"trace": 1, "stored": 1}], "inject": [1, 2], "exit": 0, "environment": FILE}'
"""
import json
import os
import sys

from tests.e2e import harness, otlp


def main():
    plan = json.loads(sys.argv[1])
    if "environment" in plan:
        with open(plan["environment"], "w", encoding="utf-8") as file:
            json.dump(dict(os.environ), file)
    print("load begins", flush=True)
    if "inject" in plan:
        address = os.environ["ASSERTD_API"].removeprefix("http://").rstrip("/")
        path = f"/api/campaigns/{os.environ['ASSERTD_CAMPAIGN']}/injections"
        lines = "".join(json.dumps({"trace_id": otlp.trace_id(number)}) + "\n"
                        for number in plan["inject"])
        answer = otlp.post(address, path, lines, {"Content-Type": "application/x-ndjson"})
        if answer.status != 200:
            sys.exit(f"injections: {answer}")
    endpoint = os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"].removeprefix("http://").rstrip("/")
    for trace in plan.get("traces", []):
        answer = otlp.send_http(endpoint, harness.shop_trace(**trace), "protobuf")
        if answer.status != 200:
            sys.exit(f"spans: {answer}")
    if plan.get("wait"):
        print("load waits", file=sys.stderr, flush=True)
        os.read(os.open(plan["wait"], os.O_RDONLY), 1)
    sys.exit(plan.get("exit", 0))


if __name__ == "__main__":
    main()
