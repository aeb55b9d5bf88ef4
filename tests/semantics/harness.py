"""Traces, suites and injections of the tables of this folder, and what `assertd check` says of them.

A table holds what SEMANTICS says, worked out by hand from its sentences alone; nothing here knows the engine.
"""

import base64
import json
import os
import pathlib
import subprocess
import tempfile

BINARY = os.environ.get("ASSERTD_BINARY", "assertd")
ORIGIN_MS = 1_700_000_000_000  # 0 ms of a table's times
RESULTS = ("pass", "fail", "error", "inconclusive", "skipped")


class Raw(dict):
    """An OTLP value that is written as it stands."""


NOTHING = Raw()  # an attribute without a value


def value(of):
    """One OTLP/JSON AnyValue."""
    if isinstance(of, Raw):
        return dict(of)
    if isinstance(of, bool):
        return {"boolValue": of}
    if isinstance(of, int):
        return {"intValue": str(of)}
    if isinstance(of, float):
        return {"doubleValue": {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(str(of), of)}
    if isinstance(of, bytes):
        return {"bytesValue": base64.b64encode(of).decode()}
    if isinstance(of, list):
        return {"arrayValue": {"values": [value(item) for item in of]}}
    if isinstance(of, dict):
        return {"kvlistValue": {"values": attributes(of)}}
    return {"stringValue": of}


def attributes(of):
    """Attributes of a dictionary, or of pairs where a key stands twice."""
    pairs = of.items() if isinstance(of, dict) else of
    return [{"key": key, **({} if held is NOTHING else {"value": value(held)})} for key, held in pairs]


def at(ms):
    return str(ORIGIN_MS * 1_000_000 + round(ms * 1_000_000))


def span_id(number):
    return number if isinstance(number, str) else f"{number:016x}"


def trace_id(number):
    return number if isinstance(number, str) else f"{number:032x}"


def span(number, start=0, end=None, parent=0, *, name="op", service="svc", kind=1, status=0, trace=1, attrs=(),
         resource=(), scope=None, events=(), links=(), **more):
    """One span as its own resourceSpans; times in ms after the origin, `more` are members of the OTLP span."""
    held = dict(traceId=trace_id(trace), spanId=span_id(number), name=name, kind=kind, startTimeUnixNano=at(start),
                endTimeUnixNano=at(start + 10 if end is None else end), attributes=attributes(attrs))
    if parent:
        held["parentSpanId"] = span_id(parent)
    if status:
        held["status"] = {"code": status}
    if events:
        held["events"] = [{"timeUnixNano": at(start), "name": each[0], "attributes": attributes(each[1])}
                          for each in events]
    if links:
        held["links"] = [{
            "traceId": trace_id(each[0]), "spanId": span_id(each[1]), "attributes": attributes(each[2])
        } for each in links]
    held.update(more)
    owner = list(resource.items() if isinstance(resource, dict) else resource)
    if service is not None:
        owner = [("service.name", service)] + owner
    group = {"spans": [held]}
    if scope is not None:
        group["scope"] = scope
    return {"resource": {"attributes": attributes(owner)}, "scopeSpans": [group]}


def text(of):
    """A text of the configuration."""
    return '"' + of.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def setting(name, held):
    if isinstance(held, bool):
        return f"{name} = {'true' if held else 'false'};"
    if isinstance(held, (int, float)):
        return f"{name} = {held};"
    if isinstance(held, list):
        return f"{name} = [ {', '.join(text(item) for item in held)} ];"
    if isinstance(held, dict):
        return f"{name} = {{ {' '.join(setting(*pair) for pair in held.items())} }};"
    return f"{name} = {text(held)};"


def group(held):
    return "{ " + " ".join(setting(*pair) for pair in held.items()) + " }"


def suite(assertions=(), thresholds=(), name="s", **more):
    """A suite as libconfig text."""
    held = [setting("name", name)] + [setting(*pair) for pair in more.items()]
    held.append("assertions = ( " + ",\n".join(group(each) for each in assertions) + " );")
    if thresholds:
        held.append("thresholds = ( " + ",\n".join(group(each) for each in thresholds) + " );")
    return "{ " + "\n".join(held) + " }"


def document(suites, **more):
    """A configuration."""
    return "\n".join([setting(*pair) for pair in more.items()] + ["suites = ( " + ",\n".join(suites) + " );\n"])


class Outcome:
    """What a command came to."""
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.report = json.loads(done.stdout) if done.stdout.startswith("{") else None

    def suite(self, name="s"):
        return next(each for each in self.report["suites"] if each["name"] == name)

    def assertion(self, name, of="s"):
        return next(each for each in self.suite(of)["assertions"] if each["name"] == name)

    def threshold(self, name, of="s"):
        return next(each for each in self.suite(of)["thresholds"] if each["name"] == name)

    def at(self, path):
        """A member of the report by its path with points."""
        found = self.report
        for step in path.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
        return found


def run(*words, stdin=None):
    done = subprocess.run([BINARY, *map(str, words)], input=stdin, capture_output=True, text=True, timeout=120)
    if "Sanitizer" in done.stderr:
        raise AssertionError(done.stderr)
    return Outcome(done)


def lines(spans):
    return "\n".join(json.dumps({"resourceSpans": [each]}) for each in spans) + "\n"


def check(config, spans, injections=None, words=(), files=None):
    """`assertd check --format json` over spans (one file, one document a line) or files of bytes."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "a.conf").write_text(config)
        names = []
        for name, held in (files or {"traces.json": lines(spans).encode()}).items():
            (folder / name).write_bytes(held)
            names.append(folder / name)
        if injections is not None:
            (folder / "injections.ndjson").write_text("".join(json.dumps(each) + "\n" for each in injections))
            words = ["--injections", folder / "injections.ndjson", *words]
        return run("check", "--config", folder / "a.conf", "--format", "json", *words, *names)


def validate(config):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "a.conf"
        path.write_text(config)
        return run("validate", "--config", path)


def injection(trace=1, **more):
    """An injection record."""
    return dict(trace_id=trace_id(trace), **more)
