"""Find the spans of a request that a test has made, and check them. Standard library only.

    trace = Trace()                                   # a new trace ID
    urlopen(Request(url, headers=trace.headers))      # the request under test carries it
    spans = trace.find_spans("shop-worker", "INSERT orders", [{"key": "db.system.name", "value": "redis"}])
    validate(spans, lambda span: check(span.attributes["order.id"] == 7))

find_spans waits in assertd, not here: it returns as soon as there are enough spans, and without an error when the time
is over, with those that are there. assertd is at $ASSERTD_API (`assertd run` sets it), by default http://127.0.0.1:4319.
"""
import json
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request
import warnings
from dataclasses import dataclass

API = "http://127.0.0.1:4319"
#: What may pass beyond the timeout, for the way there and back.
PATIENCE_S = 15
_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t"})


@dataclass(frozen=True)
class Span:
    """One span. Attributes have Python's types: int, float, bool, str, list, dict."""
    span_id: str
    parent_span_id: str | None
    operation: str
    service: str
    kind: str
    status: str
    start_ns: int
    end_ns: int
    attributes: dict
    resource: dict
    scope: dict
    events: list
    links: list


def _span(plain):
    return Span(span_id=plain["span_id"], parent_span_id=plain["parent_span_id"], operation=plain["name"],
                service=plain["service"], kind=plain["kind"], status=plain["status"],
                start_ns=int(plain["start_time_unix_nano"]), end_ns=int(plain["end_time_unix_nano"]),
                attributes=plain["attributes"], resource=plain["resource"]["attributes"], scope=plain["scope"],
                events=plain["events"], links=plain["links"])


def _literal(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + str(value).translate(_ESCAPES) + "'"


def _filter(wanted):
    key = wanted["key"]
    if "`" in key:
        raise ValueError(f"a key with a back quote can't be written: {key!r}")
    return f"attr:`{key}` = {_literal(wanted['value'])}"


def selector(service, operation=None, span_selectors=()):
    """The same in assertd's language: all of it must hold."""
    filters = [f"service = {_literal(service)}"]
    if operation is not None:
        filters.append(f"name = {_literal(operation)}")
    listed = [span_selectors] if isinstance(span_selectors, dict) else span_selectors
    return "span[" + " ".join(filters + [_filter(wanted) for wanted in listed]) + "]"


class Trace:
    """One trace that the test began, or whose ID it knows."""

    def __init__(self, trace_id=None, api=None):
        self.trace_id = trace_id or secrets.token_hex(16)
        self._api = (api or os.environ.get("ASSERTD_API") or API).rstrip("/")

    @property
    def headers(self):
        """What a request has to carry (W3C Trace Context)."""
        return {"traceparent": f"00-{self.trace_id}-{secrets.token_hex(8)}-01"}

    def find_spans(self, service, operation=None, span_selectors=(), expected_number_of_spans=1, timeout=30):
        """Spans of a service, by name and by attributes ({"key": ..., "value": ...}, one or a list, all equal)."""
        return self.select(selector(service, operation, span_selectors), expected_number_of_spans, timeout)

    def select(self, expression, expected_number_of_spans=1, timeout=30):
        """The same with any selector of the language."""
        query = urllib.parse.urlencode({"select": expression, "expect": expected_number_of_spans,
                                        "timeout": f"{round(timeout * 1000)}ms"})
        url = f"{self._api}/api/traces/{self.trace_id}/spans?{query}"
        try:
            with urllib.request.urlopen(url, timeout=timeout + PATIENCE_S) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                self._warn_where_it_is_too_late(json.load(error)["error"])
                return []
            raise RuntimeError(f"{expression}: {error.code} {error.read().decode('utf-8', 'replace')}") from None
        if found["omitted"]:
            warnings.warn(f"{found['omitted']} of {found['matched']} spans were left out of the answer")
        return [_span(plain) for plain in found["spans"]]

    def _warn_where_it_is_too_late(self, reason):
        if "final" in reason:
            warnings.warn(f"trace {self.trace_id}: {reason}; with a longer completion.grace assertd keeps them")


def validate(spans, callback, expected_number_of_spans=1):
    """Calls `callback`, which raises where it does not like a span, for each span.

    No more spans than expected: it must like all of them. More: exactly so many of them. None: only where 0 are expected.
    """
    if not spans and expected_number_of_spans > 0:
        raise AssertionError(f"no span was found, {expected_number_of_spans} expected")
    if len(spans) <= expected_number_of_spans:
        for span in spans:
            callback(span)
        return
    liked, reason = 0, None
    for span in spans:
        try:
            callback(span)
            liked += 1
        except Exception as error:  # what a checker raises is its own choice
            reason = error
    if liked != expected_number_of_spans:
        raise AssertionError(f"{liked} of {len(spans)} spans are valid, {expected_number_of_spans} expected") from reason
