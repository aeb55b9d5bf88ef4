"""Compressed bodies, good and bad: gzip (RFC 1952), and the plainest forms of deflate and zstd."""
import gzip
import struct
import zlib


def plain(message):
    return gzip.compress(message, 6, mtime=0)


def with_header(message, flags, extra):
    """A member whose header says `flags`; `extra` are the fields behind it."""
    packed = plain(message)
    return packed[:3] + bytes([flags]) + packed[4:10] + extra + packed[10:]


def good(message):
    """{name: bytes}: each is the message."""
    half = len(message) // 2
    name, comment = b"name\0", b"comment\0"
    extra = struct.pack("<H", 6) + b"ab\x02\0xy"
    head = b"\x1f\x8b\x08\x02" + plain(message)[4:10]
    checked = with_header(message, 2, struct.pack("<H", zlib.crc32(head) & 0xFFFF))
    return {
        "default": plain(message), "fastest": gzip.compress(message, 1),
        "best": gzip.compress(message, 9), "stored": gzip.compress(message, 0),
        "two-members": plain(message[:half]) + plain(message[half:]),
        "empty-member-first": plain(b"") + plain(message),
        "empty-member-last": plain(message) + plain(b""),
        "a-member-for-each-byte": b"".join(plain(bytes([one])) for one in message),
        "file-name": with_header(message, 8, name), "comment": with_header(message, 16, comment),
        "extra-field": with_header(message, 4, extra), "header-checksum": checked,
        "text-flag": with_header(message, 1, b""),
        "all-fields": with_header(message, 28, extra + name + comment),
        "long-file-name": with_header(message, 8, b"n" * 400 + b"\0"),
    }


def bad(message):
    """{name: bytes}: none can be inflated to its end."""
    packed = plain(message)
    return {
        "empty": b"", "one-byte": packed[:1], "magic-only": packed[:2], "half-a-header": packed[:7],
        "header-only": packed[:10], "cut-in-the-data": packed[:len(packed) // 2],
        "without-trailer": packed[:-8], "half-a-trailer": packed[:-4],
        "without-the-last-byte": packed[:-1],
        "wrong-checksum": packed[:-8] + bytes(4) + packed[-4:],
        "wrong-size": packed[:-4] + b"\xff\xff\xff\x7f",
        "wrong-magic": b"\x1f\x8c" + packed[2:], "wrong-method": packed[:2] + b"\x07" + packed[3:],
        "reserved-flags": with_header(message, 0xE0, b""),
        "bad-block-type": packed[:10] + b"\x07" + packed[11:],
        "trailing-bytes": packed + b"xx", "half-a-second-member": packed + packed[:12],
        "not-compressed": message, "zlib-format": zlib.compress(message),
        "endless-file-name": with_header(message, 8, b"n" * 60000)[:-len(packed) + 10],
        "distance-too-far": packed[:10] + bytes.fromhex("4b04e2") + packed[-8:],
    }


def zstd(message):
    """One frame of raw blocks (RFC 8878 section 3.1)."""
    blocks, step = b"", 1 << 16
    parts = [message[at:at + step] for at in range(0, len(message), step)] or [b""]
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        blocks += struct.pack("<I", len(part) << 3 | last)[:3] + part
    return b"\x28\xb5\x2f\xfd" + b"\xa0" + struct.pack("<I", len(message)) + blocks


#: The largest block of zstd, and the magic number of its frames.
ZSTD_BLOCK, ZSTD_MAGIC = 128 << 10, b"\x28\xb5\x2f\xfd"


def zstd_bomb(size, told=True):
    """So many zeros in blocks of one repeated byte; with the size told in the frame's header, or
    only a window."""
    head = b"\xa0" + struct.pack("<I", size) if told else b"\x00\x38"
    blocks = bytearray()
    for at in range(0, size, ZSTD_BLOCK):
        length = min(ZSTD_BLOCK, size - at)
        blocks += struct.pack("<I", length << 3 | 2 | (at + length == size))[:3] + b"\0"
    return ZSTD_MAGIC + head + bytes(blocks)


def others_good(message):
    """{(encoding, name): bytes}: further encodings, each is the message."""
    half = len(message) // 2
    skipped = b"\x50\x2a\x4d\x18" + struct.pack("<I", 4) + b"skip"
    return {
        ("deflate", "zlib"): zlib.compress(message),
        ("deflate", "stored"): zlib.compress(message, 0),
        ("zstd", "raw-blocks"): zstd(message),
        ("zstd", "two-frames"): zstd(message[:half]) + zstd(message[half:]),
        ("zstd", "skippable-frame"): skipped + zstd(message),
        ("zstd", "no-size"): ZSTD_MAGIC + b"\x00\x38" + zstd(message)[9:],
    }


def others_bad(message):
    """{(encoding, name): bytes}: none can be inflated to its end."""
    packed, frame = zlib.compress(message), zstd(message)
    return {
        ("deflate", "cut"): packed[:-6], ("deflate", "wrong-sum"): packed[:-1] + b"\0",
        ("deflate", "trailing-bytes"): packed + b"xx", ("deflate", "plain"): message,
        ("deflate", "dictionary"): b"\x78\xbb" + packed[2:],
        ("zstd", "cut"): frame[:-3], ("zstd", "magic-only"): frame[:4],
        ("zstd", "trailing-bytes"): frame + b"xx", ("zstd", "plain"): message,
        ("zstd", "wrong-size"): frame[:5] + struct.pack("<I", len(message) + 1) + frame[9:],
        ("zstd", "reserved-block"): frame[:9] + bytes([frame[9] | 6]) + frame[10:],
        ("zstd", "reserved-bit"): frame[:4] + b"\xa8" + frame[5:],
        ("zstd", "dictionary"): ZSTD_MAGIC + b"\xa1" + b"\x07" + frame[5:],
        ("zstd", "huge-window"): ZSTD_MAGIC + b"\x00\xff" + frame[9:],
        ("zstd", "block-too-large"): ZSTD_MAGIC + b"\x00\x38"
        + struct.pack("<I", (ZSTD_BLOCK + 1) << 3 | 3)[:3] + b"\0",
    }


def bomb(size):
    """So many zeros, in little."""
    made, step = zlib.compressobj(9, zlib.DEFLATED, 31), b"\0" * (1 << 20)
    out = b"".join(made.compress(step[:min(len(step), size - at)])
                   for at in range(0, size, len(step)))
    return out + made.flush()
