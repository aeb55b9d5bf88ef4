"""Spans become traces: duplicates, conflicting spans, order, parents, evidence (sections 1 and 5)."""

from functools import cached_property
from urllib.parse import unquote

from .otlp import KINDS, STATUSES, Rejected
from .values import Enum, content


def attributes_content(attributes):
    """What makes two sets of attributes equal."""
    return frozenset((key, content(value)) for key, value in attributes.items())


def span_content(span):
    """What makes two spans of one ID equal."""
    return (span.trace_id, span.span_id, span.parent, span.start, span.end, span.name, span.kind, span.status,
            span.status_message, attributes_content(span.attributes),
            tuple((time, name, attributes_content(attributes)) for time, name, attributes in span.events),
            tuple((trace, ident, attributes_content(attributes)) for trace, ident, attributes in span.links),
            attributes_content(span.resource), span.scope[0], span.scope[1], attributes_content(span.scope[2]))


class Node:
    """A span of a trace with what all of its copies said."""

    def __init__(self, span):
        self.span = span
        self.backwards = span.backwards
        self.kind = Enum(KINDS.get(span.kind, "internal"))
        self.status = Enum(STATUSES.get(span.status, "unset"))
        service = span.resource.get("service.name")
        self.service = "" if service is None else service
        self.flags = {span.flags}
        self.dropped_attributes = span.dropped_attributes > 0
        self.dropped_events = span.dropped_events > 0
        self.dropped_links = span.dropped_links > 0
        self.dropped_event_count, self.dropped_link_count = span.dropped_events, span.dropped_links
        self.parents = []
        self.ancestors = frozenset()
        self.index = -1

    def add_copy(self, copy):
        """Takes over the evidence of an equal span."""
        self.flags.add(copy.flags)
        self.dropped_attributes |= copy.dropped_attributes > 0
        self.dropped_events |= copy.dropped_events > 0
        self.dropped_links |= copy.dropped_links > 0
        self.dropped_event_count = max(self.dropped_event_count, copy.dropped_events)
        self.dropped_link_count = max(self.dropped_link_count, copy.dropped_links)

    def order(self):
        """The sort key of section 1."""
        span = self.span
        return (span.start, span.span_id, span.end, span.name.encode("utf-8", "surrogateescape"), span.kind,
                repr(sorted(map(repr, span_content(span)[7:]))))


class Trace:
    """All spans of one trace ID, in their order."""

    def __init__(self, trace_id):
        self.trace_id = trace_id
        self.by_content = {}
        self.received = self.duplicates = self.rejected = self.cut = 0
        self.claims = set()
        self.nodes = []

    def add(self, span, cap):
        """Takes one received span."""
        self.received += 1
        key = span_content(span)
        if key in self.by_content:
            self.duplicates += 1
            self.by_content[key].add_copy(span)
        elif len(self.by_content) >= cap:
            self.cut += 1
        else:
            self.by_content[key] = Node(span)
        claim = span_claim(span)
        if claim is not None:
            self.claims.add(claim)

    def close(self):
        """Orders the spans and links them to their parents."""
        self.nodes = sorted(self.by_content.values(), key=Node.order)
        by_id = {}
        for index, node in enumerate(self.nodes):
            node.index = index
            by_id.setdefault(node.span.span_id, []).append(node)
        for node in self.nodes:
            node.parents = [other for other in by_id.get(node.span.parent, []) if other is not node]
        for node in self.nodes:
            node.ancestors = _ancestors(node)
        self.missing_parents = {node.span.parent for node in self.nodes if node.span.parent not in by_id} - {""}

    @property
    def conflicting(self):
        """Further spans of an ID that is there already."""
        return len(self.nodes) - len({node.span.span_id for node in self.nodes})

    def short_by_parents(self, injected_span_id):
        """Cause (a) of section 5."""
        if injected_span_id:
            return bool(self.missing_parents - {injected_span_id})
        without_parent = any(node.span.parent == "" for node in self.nodes)
        return len(self.missing_parents) > 1 or (len(self.missing_parents) == 1 and without_parent)

    @cached_property
    def short_by_loss(self):
        """Causes (b) and (c) of section 5."""
        unsampled = any(flags & 0xFF and not flags & 1 for node in self.nodes for flags in node.flags)
        return self.rejected > 0 or self.cut > 0 or unsampled


def _ancestors(node):
    seen, waiting = set(), list(node.parents)
    while waiting:
        parent = waiting.pop()
        if parent not in seen:
            seen.add(parent)
            waiting.extend(parent.parents)
    seen.discard(node)
    return frozenset(seen)


def claimed_campaign(tracestate):
    """The campaign's key that a tracestate names, or None."""
    for member in tracestate.split(","):
        key, mark, value = member.strip().partition("=")
        if mark and key == "assertd":
            return unquote(value.split("/")[0])
    return None


def span_claim(span):
    """The campaign's key that a span names: by its tracestate, else, where it has no parent, by an attribute."""
    claim = claimed_campaign(span.tracestate)
    if claim is None and not span.parent:
        claim = span.attributes.get("assertd.campaign")
    return claim if isinstance(claim, str) else None


class Traces:
    """All traces of a run, by trace ID, and the spans that belong to none."""

    def __init__(self, cap=100_000):
        self.cap = cap
        self.by_id = {}
        self.rejected_by_id = {}
        self.rejected = 0

    def add(self, spans):
        """Takes what a file held."""
        for span in spans:
            if isinstance(span, Rejected):
                self.rejected += 1
                self.rejected_by_id[span.trace_id] = self.rejected_by_id.get(span.trace_id, 0) + 1
                continue
            if span.trace_id not in self.by_id:
                self.by_id[span.trace_id] = Trace(span.trace_id)
            self.by_id[span.trace_id].add(span, self.cap)

    def close(self):
        """Every trace is complete; gives them ordered by ID."""
        for trace_id, trace in self.by_id.items():
            trace.rejected = self.rejected_by_id.get(trace_id, 0)
            trace.close()
        return [self.by_id[trace_id] for trace_id in sorted(self.by_id)]
