"""The suite's own protocol parts, against the examples of the specifications."""
import gzip
import json
import unittest
import zlib

from tests.conformance import gzips, hpack, http2, outcome, protobuf, telemetry
from tests.conformance.client import chunks, grpc_frame
from tests.conformance.outcome import (
    FULL, INTERNAL, JSON, PROTOBUF, REFUSED, TAKEN, UNAVAILABLE, WARNED, Outcome, partial)


class Hpack(unittest.TestCase):
    def test_the_requests_of_rfc_7541_c_4_are_decoded_in_order(self):
        decoder = hpack.Decoder()
        for block, last in (
                ("828684418cf1e3c2e5f23a6ba0ab90f4ff", (":authority", "www.example.com")),
                ("828684be5886a8eb10649cbf", ("cache-control", "no-cache")),
                ("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
                 ("custom-key", "custom-value"))):
            self.assertEqual(last, decoder.decode(bytes.fromhex(block))[-1])

    def test_integers_are_those_of_rfc_7541_c_1(self):
        self.assertEqual(b"\x0a", hpack.integer(10, 5))
        self.assertEqual(b"\x1f\x9a\x0a", hpack.integer(1337, 5))
        self.assertEqual(b"\x2a", hpack.integer(42, 8))

    def test_what_it_writes_it_reads(self):
        pairs = [("a", ""), ("name", "value"), ("x" * 200, "y" * 20000)]
        self.assertEqual(pairs, hpack.Decoder().decode(hpack.encode(pairs)))

    def test_every_prefix_of_a_block_is_read_or_told_malformed(self):
        block = bytes.fromhex("828684418cf1e3c2e5f23a6ba0ab90f4ff")
        for size in range(len(block)):
            try:
                hpack.Decoder().decode(block[:size])
            except hpack.Malformed:
                pass


class Wire(unittest.TestCase):
    def test_varints_are_those_of_the_encoding_guide(self):
        self.assertEqual(b"\x96\x01", protobuf.varint(150))
        self.assertEqual(b"\xfe" + b"\xff" * 8 + b"\x01", protobuf.varint(-2))
        self.assertEqual((150, 2), protobuf.read_varint(b"\x96\x01", 0))
        with self.assertRaises(protobuf.Malformed):
            protobuf.read_varint(b"\x80" * 11, 0)

    def test_every_prefix_of_a_request_is_read_or_told_malformed(self):
        whole = telemetry.small()
        for size in range(len(whole)):
            try:
                protobuf.fields(whole[:size])
            except protobuf.Malformed:
                pass

    def test_a_request_has_the_size_that_was_asked_for(self):
        for size in (200, 300, 5000, 70000, 1 << 20, (4 << 20) + 1):
            self.assertEqual(size, len(telemetry.request_of(size)))

    def test_frames_are_those_of_rfc_9113(self):
        self.assertEqual(b"\0\0\1\6\0\0\0\0\0x", http2.frame(http2.PING, 0, 0, b"x"))
        self.assertEqual(b"\0\0\4\3\0\0\0\0\7\0\0\0\x08", http2.rst_stream(7))
        self.assertEqual(b"2;a\r\nab\r\n1;a\r\nc\r\n0\r\n\r\n", chunks(b"abc", 2, b";a"))

    def test_good_gzips_inflate_and_bad_ones_do_not(self):
        message = telemetry.small()
        for name, packed in gzips.good(message).items():
            with self.subTest(name=name):
                self.assertEqual(message, gzip.decompress(packed))
        for name, packed in gzips.bad(message).items():
            # What Python's reader lets pass, or RFC 1952 alone refuses.
            if name not in ("empty", "reserved-flags"):
                with self.subTest(name=name), self.assertRaises((OSError, EOFError, zlib.error)):
                    gzip.decompress(packed)


class Outcomes(unittest.TestCase):
    def grpc(self, trailers, body=b"", headers=()):
        reply = http2.Reply()
        reply.headers = {":status": "200", **dict(headers)}
        reply.trailers, reply.body, reply.ended = trailers, body, True
        return outcome.of_grpc(reply)

    def test_success_is_told_from_partial_success_and_a_warning(self):
        message = lambda count, text: grpc_frame(protobuf.blob(
            1, (protobuf.uint(1, count) if count else b"") + protobuf.blob(2, text)))
        full = self.grpc({"grpc-status": "0"}, grpc_frame(b""))
        some = self.grpc({"grpc-status": "0"}, message(3, "no ID"))
        warned = self.grpc({"grpc-status": "0"}, message(0, "hint"))
        for came, expected in ((full, (True, True, False, False)),
                               (some, (False, False, True, False)),
                               (warned, (False, True, False, True))):
            self.assertEqual(expected, tuple(bool(expect.test(came)) for expect in (
                FULL, TAKEN, partial(3), WARNED)), str(came))

    def test_a_success_without_a_message_is_broken(self):
        for body in (b"", b"\0\0\0\0", b"\0\0\0\0\1", grpc_frame(b"") * 2):
            self.assertFalse(TAKEN.test(self.grpc({"grpc-status": "0"}, body)))

    def test_a_packed_answer_is_read(self):
        packed = grpc_frame(gzip.compress(b""), 1)
        self.assertTrue(FULL.test(self.grpc({"grpc-status": "0"}, packed,
                                            {"grpc-encoding": "gzip"}.items())))

    def test_a_retryable_code_refuses_nothing_for_good(self):
        self.assertTrue(REFUSED.test(Outcome("grpc", INTERNAL)))
        self.assertFalse(REFUSED.test(Outcome("grpc", UNAVAILABLE)))
        self.assertFalse(REFUSED.test(Outcome("http", 400)))

    def test_a_status_is_read_in_either_encoding(self):
        detail = protobuf.blob(1, "type.googleapis.com/google.rpc.BadRequest") + protobuf.blob(
            2, protobuf.blob(1, b""))
        body = protobuf.uint(1, 3) + protobuf.blob(2, "why") + protobuf.blob(3, detail)
        read = outcome.read_status(body, PROTOBUF)
        self.assertEqual((3, "why", {"google.rpc.BadRequest"}),
                         (read.code, read.message, set(read.details)))
        text = json.dumps({"message": "why", "details": [
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}]})
        read = outcome.read_status(text, JSON)
        self.assertEqual((None, "why", {"google.rpc.RetryInfo"}),
                         (read.code, read.message, set(read.details)))
        for body, kind in ((b"plain", PROTOBUF), (b"plain", JSON), (b"[]", JSON), (b"", PROTOBUF)):
            self.assertIsNone(outcome.read_status(body, kind))


if __name__ == "__main__":
    unittest.main()
