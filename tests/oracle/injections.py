"""Injection records out of a file of JSON lines."""

import json
from dataclasses import dataclass, field

from .values import Duration, KeyValues, Time

TEXT_LABELS = ("scenario", "step", "zone", "tenant", "minion")
FIELDS = TEXT_LABELS + ("time", "duration", "outcome", "status", "iteration")


@dataclass
class Injection:
    """One record; `fields` are the keys of `$injection.KEY`."""
    trace_id: str
    span_id: str
    sampled: bool
    outcome: str
    labels: dict
    fields: dict
    attributes: dict = field(default_factory=dict)

    @property
    def expects_trace(self):
        """Whether a trace must come of it."""
        return self.sampled and self.outcome != "not_sent"

    def get(self, key):
        """The value of `$injection.KEY`, None where the record has none."""
        if not key.quoted and key.name in FIELDS:
            return self.fields.get(key.name)
        return self.attributes.get(key.name)


@dataclass
class Injections:
    """The records of a run: the first of each trace ID, and how many were repeated."""
    by_trace: dict
    repeated: int = 0


def read_file(path):
    """All good lines of a file; bad ones are left out."""
    with open(path, encoding="utf-8") as source:
        return read_lines(source)


def read_lines(lines):
    """As read_file, of lines."""
    injections = Injections({})
    for line in lines:
        if not line.strip():
            continue
        record = _record(json.loads(line))
        if record.trace_id in injections.by_trace:
            injections.repeated += 1
        else:
            injections.by_trace[record.trace_id] = record
    return injections


def _value(raw):
    if isinstance(raw, list):
        return [_value(item) for item in raw]
    if isinstance(raw, dict):
        return KeyValues({key: _value(item) for key, item in raw.items()})
    return raw


def _record(raw):
    fields = {name: raw[name] for name in TEXT_LABELS + ("outcome",) if raw.get(name) is not None}
    labels = {name: raw[name] for name in TEXT_LABELS if raw.get(name) is not None}
    for name in ("iteration", "status"):
        if raw.get(name) is not None:
            fields[name] = int(raw[name])
    if "iteration" in fields:
        labels["iteration"] = str(fields["iteration"])
    if raw.get("time_unix_nano") is not None:
        fields["time"] = Time(raw["time_unix_nano"])
    if raw.get("duration_ns") is not None:
        fields["duration"] = Duration(raw["duration_ns"])
    return Injection(
        trace_id=raw["trace_id"].lower(), span_id=(raw.get("span_id") or "").lower(),
        sampled=raw.get("sampled") is not False, outcome=raw.get("outcome") or "", labels=labels, fields=fields,
        attributes={key: _value(value) for key, value in (raw.get("attributes") or {}).items()})
