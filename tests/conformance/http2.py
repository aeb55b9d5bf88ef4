"""An HTTP/2 client that sends what it is told to, frame by frame: what no library would send."""
import select
import socket
import struct
import time

from tests.conformance import hpack
from tests.conformance.http1 import connect

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, \
    CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, WITH_PRIORITY = 1, 1, 4, 8, 32

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, \
    FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, \
    ENHANCE_YOUR_CALM = range(12)
ERRORS = ("NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT "
          "STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR "
          "ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED").split()

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, \
    MAX_HEADER_LIST_SIZE = range(1, 7)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WINDOW = 65535
#: What we let a server send us before it has to wait.
OUR_WINDOW = 1 << 24


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">IBI", len(payload) << 8 | kind, flags, stream) + payload


def settings(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", code, value) for code, value in pairs))


def window_update(stream, size):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", size))


def rst_stream(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def headers(stream, pairs, end=False, flags=END_HEADERS):
    return frame(HEADERS, flags | (END_STREAM if end else 0), stream, hpack.encode(pairs))


def data(stream, body=b"", end=False):
    return frame(DATA, END_STREAM if end else 0, stream, body)


class Reply:
    """What came on one stream."""

    def __init__(self):
        self.headers, self.trailers, self.body = {}, {}, b""
        self.pairs, self.reset, self.ended = [], None, False

    @property
    def over(self):
        return self.ended or self.reset is not None

    def fields(self):
        return {**self.headers, **self.trailers}


class Connection:
    """One connection with prior knowledge, as a context manager. `greeting` replaces preface and
    SETTINGS; without `answering` neither SETTINGS nor PING are acknowledged, which would stand
    between frames that belong together."""

    def __init__(self, address, patience, greeting=None, reading=True, answering=True):
        self._socket = connect(address, patience)
        self._patience, self._reading, self._input = patience, reading, b""
        self._output, self._answering = bytearray(), answering
        self._decoder, self._block = hpack.Decoder(), None
        self._room, self._stream_room, self._next = WINDOW, {}, 1
        self.streams, self.settings, self.settings_came = {}, {}, False
        self.goaway, self.closed, self.pings, self.settings_acks = None, False, [], 0
        self.windows = []
        if greeting is None:
            greeting = (PREFACE + settings((INITIAL_WINDOW_SIZE, OUR_WINDOW))
                        + window_update(0, OUR_WINDOW - WINDOW))
        self.send(greeting)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    # --- sending

    def send(self, *pieces):
        """Sends bytes, and reads meanwhile. When the server has closed, that is seen later."""
        self._output += b"".join(pieces)
        deadline = time.monotonic() + self._patience * 4
        while self._output and not self.closed and time.monotonic() < deadline:
            readable, writable, _ = select.select([self._socket] if self._reading else [],
                                                  [self._socket], [], 1)
            if readable:
                self._receive()
            if writable:
                self._write()
        return not self._output

    def _write(self):
        self._socket.setblocking(False)
        try:
            del self._output[:self._socket.send(self._output[:1 << 18])]
        except BlockingIOError:
            pass
        except OSError:
            self._output.clear()
            while not self.closed:
                self._receive(blocking=True)

    def shut(self):
        """Sends no more, and can still read."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def next_stream(self):
        self._next += 2
        return self._next - 2

    def room_of(self, stream):
        first = self.settings.get(INITIAL_WINDOW_SIZE, WINDOW)
        return min(self._room, first + self._stream_room.get(stream, 0))

    def send_body(self, stream, body, end=True):
        """Sends DATA as the windows allow; stops when the stream or the connection is over."""
        self.wait(lambda: self.settings_came)
        most = self.settings.get(MAX_FRAME_SIZE, 16384)
        at = 0
        while at < len(body) and not self.reply_of(stream).over:
            size = min(self.room_of(stream), most, len(body) - at)
            if size <= 0:
                if not self.wait(lambda: self.room_of(stream) > 0 or self.reply_of(stream).over):
                    return
                continue
            self._room -= size
            self._stream_room[stream] = self._stream_room.get(stream, 0) - size
            part, at = body[at:at + size], at + size
            self.send(data(stream, part, end and at == len(body)))
        if end and not body:
            self.send(data(stream, b"", True))

    # --- receiving

    def reply_of(self, stream):
        return self.streams.setdefault(stream, Reply())

    def wait(self, condition, patience=None):
        """Reads until the condition holds; False when the server closed or fell silent before."""
        deadline = time.monotonic() + (self._patience if patience is None else patience)
        while not condition():
            left = deadline - time.monotonic()
            if self.closed or left <= 0:
                return False
            writing = [self._socket] if self._output else []
            readable, writable, _ = select.select([self._socket], writing, [], left)
            if readable:
                self._receive()
            if writable:
                self._write()
        return True

    def reply(self, stream):
        """Waits for the end of a stream, or of the connection."""
        self.wait(lambda: self.reply_of(stream).over or self.goaway not in (None, NO_ERROR))
        return self.reply_of(stream)

    def end(self, patience=None):
        """Waits until the server closes; whether it did."""
        self.wait(lambda: False, patience)
        return self.closed

    def ping(self, mark=b"12345678"):
        """Whether a PING comes back: all that was sent before was read."""
        self.send(frame(PING, 0, 0, mark))
        return self.wait(lambda: mark in self.pings)

    def _receive(self, blocking=False):
        try:
            self._socket.settimeout(self._patience if blocking else 0)
            piece = self._socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self.closed = self.closed or not piece
        self._input += piece
        while len(self._input) >= 9:
            size = int.from_bytes(self._input[:3], "big")
            if len(self._input) < 9 + size:
                return
            kind, flags, stream = struct.unpack(">BBI", self._input[3:9])
            payload, self._input = self._input[9:9 + size], self._input[9 + size:]
            self._take(kind, flags, stream & 0x7FFFFFFF, payload)

    def _take(self, kind, flags, stream, payload):
        if kind == DATA:
            self._take_data(flags, stream, payload)
        elif kind == HEADERS:
            self._block = [stream, flags, self._unpadded(flags, payload)]
            self._take_block(flags)
        elif kind == CONTINUATION and self._block:
            self._block[2] += payload
            self._take_block(flags)
        elif kind == RST_STREAM:
            self.reply_of(stream).reset = int.from_bytes(payload, "big")
        elif kind == SETTINGS:
            self._take_settings(flags, payload)
        elif kind == PING and flags & ACK:
            self.pings.append(payload)
        elif kind == PING and self._answering:
            self._output += frame(PING, ACK, 0, payload)
        elif kind == GOAWAY:
            self.goaway = int.from_bytes(payload[4:8], "big")
        elif kind == WINDOW_UPDATE:
            size = int.from_bytes(payload, "big")
            self.windows.append((stream, size))
            if stream == 0:
                self._room += size
            else:
                self._stream_room[stream] = self._stream_room.get(stream, 0) + size

    def _take_data(self, flags, stream, payload):
        reply = self.reply_of(stream)
        reply.body += self._unpadded(flags, payload, False)
        reply.ended = reply.ended or bool(flags & END_STREAM)

    @staticmethod
    def _unpadded(flags, payload, may_have_priority=True):
        if flags & PADDED:
            payload = payload[1:len(payload) - payload[0]]
        if may_have_priority and flags & WITH_PRIORITY:
            payload = payload[5:]
        return payload

    def _take_block(self, flags):
        if not flags & END_HEADERS:
            return
        stream, first_flags, block = self._block
        reply, pairs = self.reply_of(stream), self._decoder.decode(block)
        self._block = None
        if dict(pairs).get(":status", "200").startswith("1"):
            return
        reply.pairs += pairs
        if reply.headers:
            reply.trailers = dict(pairs)
        else:
            reply.headers = dict(pairs)
        reply.ended = bool(first_flags & END_STREAM)

    def _take_settings(self, flags, payload):
        if flags & ACK:
            self.settings_acks += 1
            return
        for at in range(0, len(payload) - 5, 6):
            code, value = struct.unpack(">HI", payload[at:at + 6])
            self.settings[code] = value
        self.settings_came = True
        if self._answering:
            self._output += frame(SETTINGS, ACK, 0)
