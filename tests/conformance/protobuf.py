"""Protocol buffers by hand: enough to write any field, also wrong ones, and to read answers."""
import struct

VARINT, FIXED64, BYTES, START_GROUP, END_GROUP, FIXED32 = 0, 1, 2, 3, 4, 5


def varint(number):
    """Two's complement in 64 bits for negative numbers, as int32, int64 and enums are written."""
    number &= (1 << 64) - 1 if number < 0 else -1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def tag(number, kind):
    return varint(number << 3 | kind)


def blob(number, body):
    """A length-delimited field: text, bytes or a message."""
    body = body.encode() if isinstance(body, str) else body
    return tag(number, BYTES) + varint(len(body)) + body


def uint(number, plain):
    return tag(number, VARINT) + varint(plain)


def fixed64(number, plain):
    return tag(number, FIXED64) + struct.pack("<Q", plain & (1 << 64) - 1)


def double(number, plain):
    return tag(number, FIXED64) + struct.pack("<d", plain)


def fixed32(number, plain):
    return tag(number, FIXED32) + struct.pack("<I", plain)


def group(number, body=b""):
    return tag(number, START_GROUP) + body + tag(number, END_GROUP)


class Malformed(Exception):
    """What a server sent is no protobuf."""


def read_varint(data, at):
    number = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Malformed("a varint is cut or too long")
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return number, at


def _read_value(data, at, kind):
    if kind == VARINT:
        return read_varint(data, at)
    size = {FIXED64: 8, FIXED32: 4}.get(kind)
    if kind == BYTES:
        size, at = read_varint(data, at)
    if size is None or at + size > len(data):
        raise Malformed("a field is cut, or its type is unknown")
    return data[at:at + size], at + size


def fields(data):
    """{number: [values]}: numbers for varints, bytes for all else."""
    found, at = {}, 0
    while at < len(data):
        head, at = read_varint(data, at)
        value, at = _read_value(data, at, head & 7)
        found.setdefault(head >> 3, []).append(value)
    return found


def last(found, number, default):
    return found[number][-1] if number in found else default
