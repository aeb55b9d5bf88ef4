"""What came of a case, and what may come: outcomes, and expectations that judge them."""
import base64
import gzip
import json
from collections import namedtuple

from tests.conformance import http2, protobuf

GRPC_CODES = ("OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS "
              "PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE "
              "UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED").split()
OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND = range(6)
RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 8, 12, 13, 14
JSON, PROTOBUF = "application/json", "application/x-protobuf"
RETRY_INFO, BAD_REQUEST = "google.rpc.RetryInfo", "google.rpc.BadRequest"

#: google.rpc.Status: `details` is {type: decoded fields (protobuf) or members (JSON)}.
Status = namedtuple("Status", "code message details")


def _name(names, code):
    return names[code] if code is not None and code < len(names) else str(code)


def read_status(body, kind):
    """The google.rpc.Status in a body; None where it is none."""
    try:
        if kind == JSON:
            plain = json.loads(body)
            details = {d["@type"].rsplit("/", 1)[1]: d for d in plain.get("details", [])}
            return Status(plain.get("code"), plain["message"], details)
        found = protobuf.fields(body)
        parts = [protobuf.fields(part) for part in found.get(3, [])]
        details = {part[1][-1].decode().rsplit("/", 1)[1]:
                   protobuf.fields(protobuf.last(part, 2, b"")) for part in parts}
        return Status(protobuf.last(found, 1, None), found[2][-1].decode(), details)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, protobuf.Malformed):
        return None


def read_partial(body, kind):
    """(rejected spans, message) of an export response; None where `partial_success` is unset."""
    if kind == JSON:
        partial = json.loads(body).get("partialSuccess")
        if partial is None:
            return None
        return int(partial.get("rejectedSpans", 0)), partial.get("errorMessage", "")
    found = protobuf.fields(body)
    if 1 not in found:
        return None
    partial = protobuf.fields(b"".join(found[1]))
    return protobuf.last(partial, 1, 0), protobuf.last(partial, 2, b"").decode()


class Outcome:
    """One observation. `kind`: grpc, http, reset, goaway, closed, silence, garbage, or seen."""

    def __init__(self, kind, code=None, note="", **parts):
        self.kind, self.code, self.note = kind, code, note
        self.headers = parts.get("headers", {})
        self.body = parts.get("body", b"")
        self.reply = parts.get("reply")
        self.content_type = parts.get("content_type", "")
        self.partial, self.broken, self.status = None, "", None

    @property
    def success(self):
        return not self.broken and (self.kind, self.code) in (("grpc", OK), ("http", 200))

    def __str__(self):
        said = {"grpc": lambda: f"grpc {_name(GRPC_CODES, self.code)}",
                "http": lambda: f"http {self.code}",
                "reset": lambda: f"RST_STREAM {_name(http2.ERRORS, self.code)}",
                "goaway": lambda: f"GOAWAY {_name(http2.ERRORS, self.code)}",
                "seen": lambda: "yes" if self.code else "no"}.get(self.kind, lambda: self.kind)()
        if self.partial:
            said += f", {self.partial[0]} rejected"
            said += f": {self.partial[1][:80]}" if self.partial[1] else ""
        elif self.status is not None and self.status.message:
            said += f": {self.status.message[:80]}"
        return said + "".join(f" ({text})" for text in (self.broken, self.note) if text)


def of_grpc(reply):
    """The outcome of a whole gRPC reply."""
    fields = reply.fields()
    if "grpc-status" not in fields or fields.get(":status") != "200":
        return Outcome("http", int(fields.get(":status", 0)), headers=fields, body=reply.body,
                       reply=reply)
    made = Outcome("grpc", int(fields["grpc-status"]), headers=fields, body=reply.body, reply=reply)
    details = fields.get("grpc-status-details-bin")
    if details is not None:
        try:
            made.status = read_status(base64.b64decode(details + "=" * (-len(details) % 4)),
                                      PROTOBUF)
        except ValueError:
            made.broken = "grpc-status-details-bin is not base64"
    if made.status is None and made.code != OK:
        made.status = Status(made.code, fields.get("grpc-message", ""), {})
    if made.code == OK:
        _read_message(made)
    return made


def _read_message(made):
    """An answer may come in the encoding that the request had."""
    body, encoding = made.body, made.headers.get("grpc-encoding", "identity")
    if len(body) < 5 or body[0] > 1 or int.from_bytes(body[1:5], "big") != len(body) - 5:
        made.broken = "the answer is not one message"
        return
    if body[0] == 1 and encoding not in ("gzip", "identity"):
        made.note = f"the answer is in {encoding}, unread"
        return
    try:
        made.partial = read_partial(gzip.decompress(body[5:]) if body[0] == 1 else body[5:],
                                    PROTOBUF)
    except (protobuf.Malformed, ValueError, TypeError, OSError, EOFError):
        made.broken = "the answer is no ExportTraceServiceResponse"


def of_http2(connection, stream=None):
    """The outcome of what was sent on a connection: the connection's end first."""
    if connection.goaway not in (None, http2.NO_ERROR):
        return Outcome("goaway", connection.goaway)
    reply = connection.reply_of(stream) if stream else None
    if reply is not None and reply.headers and (reply.ended or reply.reset == http2.NO_ERROR):
        return of_grpc(reply)
    if reply is not None and reply.reset is not None:
        return Outcome("reset", reply.reset)
    if connection.closed:
        return Outcome("closed")
    return Outcome("silence")


def of_http(answer, kind):
    """The outcome of an HTTP answer to a request of this content type."""
    kind = kind.split(";")[0].strip().lower()
    made = Outcome("http", answer.status, headers=answer.headers, body=answer.body, reply=answer,
                   content_type=answer.headers.get("content-type", ""))
    if answer.interim:
        made.note = "after " + ", ".join(map(str, answer.interim))
    told = made.content_type.split(";")[0].strip().lower()
    if answer.status == 200:
        try:
            made.partial = read_partial(answer.body, told)
        except (ValueError, protobuf.Malformed, AttributeError, TypeError):
            made.broken = "the body is no ExportTraceServiceResponse"
        if kind in (JSON, PROTOBUF) and told != kind:
            made.broken = f"content type {made.content_type!r}"
    elif told in (JSON, PROTOBUF):
        made.status = read_status(answer.body, told)
    return made


class Expect:
    """A condition on an outcome, with its words. `a | b` accepts either."""

    def __init__(self, words, test):
        self.words, self.test = words, test

    def __or__(self, other):
        return Expect(f"{self.words}, or {other.words}",
                      lambda came: self.test(came) or other.test(came))

    def __and__(self, other):
        return Expect(f"{self.words}, {other.words}",
                      lambda came: self.test(came) and other.test(came))


def _rejected(came):
    return came.partial[0] if came.partial else 0


def grpc(*codes):
    return Expect("grpc " + "/".join(GRPC_CODES[code] for code in codes),
                  lambda came: came.kind == "grpc" and came.code in codes)


def http(*statuses):
    return Expect("http " + "/".join(map(str, statuses)),
                  lambda came: came.kind == "http" and came.code in statuses)


def goaway(*codes):
    return Expect("GOAWAY " + "/".join(http2.ERRORS[code] for code in codes),
                  lambda came: came.kind == "goaway" and came.code in codes)


def reset(*codes):
    return Expect("RST_STREAM " + "/".join(http2.ERRORS[code] for code in codes),
                  lambda came: came.kind == "reset" and came.code in codes)


def header(name, text):
    return Expect(f"{name} with {text!r}", lambda came: text in came.headers.get(name, ""))


def partial(count):
    """So many spans rejected, and said why."""
    return Expect(f"partial success, {count} rejected",
                  lambda came: came.success and _rejected(came) == count and came.partial[1])


FULL = Expect("full success", lambda came: came.success and came.partial in (None, (0, "")))
TAKEN = Expect("success", lambda came: came.success and _rejected(came) == 0)
WARNED = Expect("success with a warning", lambda came: came.success and _rejected(came) == 0
                and came.partial is not None and came.partial[1] != "")
ANSWERED = Expect("any answer", lambda came: came.kind in ("grpc", "http"))
CLOSED = Expect("closed", lambda came: came.kind == "closed")
SILENCE = Expect("no answer", lambda came: came.kind == "silence")
YES = Expect("yes", lambda came: came.kind == "seen" and came.code)
WITH_STATUS = Expect("a google.rpc.Status in the request's encoding",
                     lambda came: came.status is not None and came.status.message != "")
NO_RETRY = Expect("no RetryInfo", lambda came: came.status is None
                  or RETRY_INFO not in came.status.details)
RETRY = Expect("RetryInfo", lambda came: came.status and RETRY_INFO in came.status.details)
VIOLATIONS = Expect("BadRequest with field violations",
                    lambda came: came.status and came.status.details.get(BAD_REQUEST))
#: The gRPC codes after which a client does not try again (OTLP/gRPC, Failures).
FINAL = (UNKNOWN, INVALID_ARGUMENT, NOT_FOUND, 6, 7, 9, UNIMPLEMENTED, INTERNAL, 16)
#: Bad data: what a client must not send again.
REFUSED = Expect("a final grpc code / http 400 with a Status", lambda came: (
    came.kind == "grpc" and came.code in FINAL
    or came.kind == "http" and came.code == 400 and came.status is not None))
TOO_LARGE = Expect("grpc RESOURCE_EXHAUSTED without RetryInfo / http 413", lambda came: (
    came.kind == "grpc" and came.code == RESOURCE_EXHAUSTED and NO_RETRY.test(came)
    or came.kind == "http" and came.code == 413))


def seen(what, note=""):
    return Outcome("seen", bool(what), note)
