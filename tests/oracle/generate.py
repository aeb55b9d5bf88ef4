"""Seeded random runs: suites, traces and records."""

import argparse
import json
import os
import random
from dataclasses import dataclass, field

from . import foreign, libconf, otlp
from .generate_expressions import Expressions
from .generate_traces import CAMPAIGN, SERVICES, random_envelope, random_injections, random_span, some, trace


@dataclass
class Batch:
    """One generated run. `spans` are (resource, scope, span) in OTLP's JSON shape; `injections` None or records."""
    config: dict
    spans: list
    injections: list | None
    campaign: str | None
    trace_ids: list = field(default_factory=list)
    protobuf: bool = False
    form: str = "otlp"
    may_be_refused: bool = False
    baseline: object = None  # a Batch: the campaign before


# Suites

def assertion(rng, expressions, number):
    """A random assertion."""
    has_select = rng.random() < 0.8
    made = {"name": f"assertion {number}"}
    if has_select:
        made["select"] = expressions.selector()
    conditions = [expressions.condition(has_select) for _ in range(some(rng, [1, 1, 1, 2, 3]))]
    made["assert"] = conditions[0] if len(conditions) == 1 and rng.random() < 0.5 else conditions
    if rng.random() < 0.25:
        made["when"] = expressions.when()
    if has_select and rng.random() < 0.2:
        made["optional"] = rng.random() < 0.8
    if rng.random() < 0.25:
        made["severity"] = rng.choice(["warning", "warning", "error"])
    if rng.random() < 0.3:
        made["tolerance"] = rng.choice([0.0, 0.1, 0.25, 0.3, 0.5, 1.0])
    return made


def threshold(rng, expressions, number):
    """A random threshold."""
    made = {"name": f"threshold {number}", "rule": expressions.rule()}
    if rng.random() < 0.6:
        made["min_samples"] = rng.choice([1, 1, 2, 5, 30])
    if rng.random() < 0.3:
        made["severity"] = rng.choice(["warning", "error"])
    return made


def suite(rng, number, assertions=4, thresholds=3):
    """A random suite as a configuration's group."""
    names = rng.sample(["x", "y", "z", "long_name9"], rng.randrange(4))
    made = {"name": f"suite {number}"}
    if rng.random() < 0.4:
        made["traces"] = Expressions(rng).selector(pseudo=0.05)
    if rng.random() < 0.15:
        made["labels"] = rng.choice([{"scenario": "pay"}, {"step": "s1"}, {"scenario": "pay", "zone": "eu"}, {"iteration": "3"}])
    if rng.random() < 0.25:
        made["evidence"] = rng.choice(["lenient", "lenient", "strict"])
    if rng.random() < 0.15:
        made["optional"] = True
    expressions = Expressions(rng, names)
    if names:
        made["spans"] = {name: expressions.binding() for name in names}
    made["assertions"] = [assertion(rng, expressions, index) for index in range(rng.randrange(1, assertions + 1))]
    if rng.random() < 0.7:
        made["thresholds"] = [threshold(rng, expressions, index) for index in range(rng.randrange(1, thresholds + 1))]
    return made


# Batches

def batch(seed, traces=40, suites=25):
    """A run that reaches everything; nearly always FAILED."""
    rng = random.Random(seed)
    with_injections = rng.random() < 0.75
    correlation = "auto" if not with_injections else some(rng, ["auto", "auto", "required", "off"])
    spans, made = [], []
    for _ in range(traces):
        trace_id, remote = f"{rng.randrange(1, 2**128):032x}", "00000000000000dd"
        made.append((trace_id, remote))
        spans += trace(rng, trace_id, remote)
    if rng.random() < 0.1:
        spans.append((*random_envelope(rng, SERVICES), random_span(rng, rng.choice(["", "0" * 32, "12"]), "00000000000000f1", 0)))
    config = {"campaign": {"correlation": correlation, "key": rng.choice([CAMPAIGN, "other-key"])},
              "report": {"max_failures": 100000}, "suites": [suite(rng, index) for index in range(suites)]}
    return Batch(config, spans, random_injections(rng, made, False) if with_injections else None,
                 rng.choice([CAMPAIGN, None]), [trace_id for trace_id, _ in made], protobuf=seed % 3 == 2)


def in_form(form, seed):
    """A batch whose spans are written in another format."""
    made = batch(seed)
    made.form, made.protobuf = form, False
    return made


def _calm_suite(rng, number):
    expressions = Expressions(rng, ["x"])
    conditions = ["count >= 0", "count >= 1", "status != error", "duration < 1m", "duration <= 50ms", "none: status = error",
                  "any: kind = server", "count <= 9", "n > 0", "none: a exists"]
    assertions = [{"name": f"assertion {index}", "select": "span[]", "assert": rng.choice(conditions),
                   "severity": rng.choice(["error", "warning"]), "tolerance": rng.choice([0.0, 0.3, 0.5, 0.7, 1.0])}
                  for index in range(rng.randrange(1, 3))]
    made = {"name": f"suite {number}", "spans": {"x": "span[]:first"}, "assertions": assertions}
    if rng.random() < 0.3:
        made["traces"] = rng.choice(["span[service=mail]", "span[name=op1]", "span[service=nobody]"])
    if rng.random() < 0.4:
        made["thresholds"] = [threshold(rng, expressions, 0)]
    if rng.random() < 0.3:
        made["optional"] = True
    if rng.random() < 0.3:
        made["evidence"] = "lenient"
    if rng.random() < 0.4:
        made["max_inconclusive"] = rng.choice([0.1, 0.25, 0.5, 1.0])
    return made


def calm_batch(seed):
    """A small, regular run that reaches each status of a campaign."""
    rng = random.Random(seed)
    made, spans = [], []
    for _ in range(some(rng, [0, 1, 2, 5, 10])):
        trace_id, remote = f"{rng.randrange(1, 2**128):032x}", "00000000000000dd"
        made.append((trace_id, remote))
        spans += trace(rng, trace_id, remote, calm=True)
    campaign = {"correlation": rng.choice(["auto", "auto", "required", "off"])}
    if rng.random() < 0.5:
        campaign["missing"] = rng.choice(["fail", "inconclusive", "ignore"])
    if rng.random() < 0.5:
        campaign["unjudged"] = rng.choice(["warn", "ignore", "fail"])
    config = {"campaign": campaign, "report": {"max_failures": rng.choice([0, 2, 100000])},
              "suites": [_calm_suite(rng, index) for index in range(rng.randrange(1, 3))]}
    with_injections = campaign["correlation"] == "required" or rng.random() < 0.6
    return Batch(config, spans, random_injections(rng, made, True) if with_injections else None, CAMPAIGN,
                 [trace_id for trace_id, _ in made])


# Files

def document(entries):
    """Spans as one OTLP JSON document; neighbours with one resource and scope share an envelope."""
    resources = []
    for resource, scope, span in entries:
        if not resources or resources[-1]["resource"] is not resource:
            resources.append({"resource": resource, "scopeSpans": []})
        scopes = resources[-1]["scopeSpans"]
        if not scopes or scopes[-1]["scope"] is not scope:
            scopes.append({"scope": scope, "spans": []})
        scopes[-1]["spans"].append(span)
    return {"resourceSpans": resources}


def files(entries, protobuf, documents=1):
    """Spans as the bytes of a file; several documents become JSON lines."""
    if protobuf:
        return otlp.encode(document(entries))
    size = max(1, -(-len(entries) // documents))
    lines = [json.dumps(document(entries[at:at + size])) for at in range(0, max(1, len(entries)), size)]
    return "".join(line + "\n" for line in lines).encode()


def content(made):
    """A batch's spans as the bytes of a file, in its form."""
    if made.form == "jaeger":
        return json.dumps(foreign.as_jaeger(made.spans)).encode()
    if made.form == "zipkin":
        return json.dumps(foreign.as_zipkin(made.spans)).encode()
    return files(made.spans, made.protobuf, documents=1 + len(made.spans) % 4)


def write(made, folder):
    """Writes a batch; gives (config, [traces], injections or None) as paths."""
    paths = [os.path.join(folder, name) for name in ("config.cfg", "traces.bin" if made.protobuf else "traces.json", "injections.ndjson")]
    with open(paths[0], "w", encoding="utf-8") as target:
        target.write(libconf.dump_file(made.config))
    with open(paths[1], "wb") as target:
        target.write(content(made))
    if made.injections is None:
        return paths[0], [paths[1]], None
    with open(paths[2], "w", encoding="utf-8") as target:
        target.writelines(json.dumps(record) + "\n" for record in made.injections)
    return paths[0], [paths[1]], paths[2]


def main():
    """python3 -m tests.oracle.generate SEED FOLDER: writes one batch."""
    parser = argparse.ArgumentParser(prog="tests.oracle.generate")
    parser.add_argument("seed", type=int)
    parser.add_argument("folder")
    parser.add_argument("--traces", type=int, default=40)
    parser.add_argument("--suites", type=int, default=25)
    parser.add_argument("--calm", action="store_true")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    made = calm_batch(arguments.seed) if arguments.calm else batch(arguments.seed, arguments.traces, arguments.suites)
    print(*write(made, arguments.folder))


if __name__ == "__main__":
    main()
