"""The requests that the load generator sends, made from tests/payloads: 1, 64, 512 and 8,192 spans in protobuf and JSON,
and a probe, which is one trace with a span that lasts too long.

Larger ones than were captured are several captures one after the other, with trace IDs of their own.
"""
import hashlib
import json
import os

SIZES = (1, 64, 512, 8192)
TOO_LONG_NS = 20_000_000_000


def read(root, name):
    with open(os.path.join(root, "tests", "payloads", name), "rb") as file:
        return file.read()


def varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return number, at


def fields(data):
    """Each field of a message: its number, its bytes with tag and length, its content."""
    at = 0
    while at < len(data):
        start = at
        tag, at = varint(data, at)
        if tag & 7 == 2:
            length, at = varint(data, at)
            content, at = data[at:at + length], at + length
        elif tag & 7 == 0:
            content, at = None, varint(data, at)[1]
        else:
            width = 8 if tag & 7 == 1 else 4
            content, at = data[at:at + width], at + width
        yield tag >> 3, data[start:at], content


def nested(number, content):
    """A field of bytes."""
    out, length = bytearray([number << 3 | 2]), len(content)
    while length > 0x7F:
        out.append(length & 0x7F | 0x80)
        length >>= 7
    out.append(length)
    return bytes(out) + content


def rewrite(message, path, change):
    """The message with each field at `path` replaced by what `change` makes of its content; None leaves it out."""
    out = b""
    for number, whole, content in fields(message):
        if number != path[0]:
            out += whole
            continue
        content = change(content) if len(path) == 1 else rewrite(content, path[1:], change)
        out += nested(number, content) if content is not None else b""
    return out


def trace_id_of(span):
    return next(content for number, _, content in fields(span) if number == 1)


def trace_ids(request):
    found = {}
    rewrite(request, (1, 2, 2), lambda span: found.setdefault(trace_id_of(span)))
    return list(found)


def copies(request, count, ids, joined):
    """`count` requests, those after the first with other IDs; 16 bytes (32 digits) of an ID occur nowhere else."""
    out = []
    for copy in range(count):
        one = request
        for old in ids if copy else []:
            fresh = hashlib.md5(old + bytes([copy])).digest()
            one = one.replace(old, fresh if len(old) == 16 else fresh.hex().encode())
        out.append(one)
    return joined(out)


def protobuf(root, size):
    if size == 1:
        return read(root, "http-1.pb")
    if size == 64:
        return read(root, "http-64.pb")
    captured = read(root, "grpc-512.bin")[5:]
    return copies(captured, size // 512, trace_ids(captured), b"".join)


def join_json(requests):
    return b'{"resourceSpans":[' + b",".join(one.removeprefix(b'{"resourceSpans":[').removesuffix(b"]}")
                                              for one in requests) + b"]}"


def json_request(root, size):
    request = json.loads(read(root, "http-64.json"))
    if size == 1:
        for resource in request["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                del scope["spans"][1:]
            del resource["scopeSpans"][1:]
        del request["resourceSpans"][1:]
    ids = {span["traceId"].encode(): None for resource in request["resourceSpans"] for scope in resource["scopeSpans"]
           for span in scope["spans"]}
    packed = json.dumps(request, separators=(",", ":"), ensure_ascii=False).encode()
    return copies(packed, max(1, size // 64), list(ids), join_json)


def probe(root):
    """The first trace of a capture; each of its spans ends too late."""
    captured = read(root, "http-64.pb")
    chosen = trace_ids(captured)[0]

    def lengthen(span):
        if trace_id_of(span) != chosen:
            return None
        out = b""
        for number, whole, content in fields(span):
            end = int.from_bytes(content, "little") + TOO_LONG_NS if number == 8 else 0
            out += whole[:1] + end.to_bytes(8, "little") if number == 8 else whole
        return out

    return rewrite(captured, (1, 2, 2), lengthen)


def prepare(root, folder):
    """Writes 1.pb, 1.json, ... and probe.pb into `folder`."""
    os.makedirs(folder, exist_ok=True)
    made = {f"{size}.pb": protobuf(root, size) for size in SIZES}
    made.update({f"{size}.json": json_request(root, size) for size in SIZES}, **{"probe.pb": probe(root)})
    for name, request in made.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(request)
