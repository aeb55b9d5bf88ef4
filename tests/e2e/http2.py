"""An HTTP/2 client that sends what it is told to, frame by frame: what gRPC libraries never send."""
import socket
import struct
import time
from collections import namedtuple

import h2.config
import h2.connection
import h2.events
import h2.settings

from tests.e2e import otlp

#: `headers` and `trailers` are dicts; `reset` is an error code or None.
Reply = namedtuple("Reply", "headers body trailers reset")


class Http2:
    """One connection with prior knowledge, as a context manager."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), 30)
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False,
            normalize_outbound_headers=False))
        self._h2.initiate_connection()
        self._events, self.goaway, self.closed, self.pings = [], None, False, 0
        self._flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _flush(self):
        data = self._h2.data_to_send()
        if data:
            self._socket.sendall(data)

    def _receive(self):
        data = self._socket.recv(65536)
        if not data:
            self.closed = True
            return
        for event in self._h2.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.ConnectionTerminated):
                self.goaway = event.error_code
            elif isinstance(event, h2.events.PingAckReceived):
                self.pings += 1
            self._events.append(event)
        self._flush()

    def settings(self):
        """The server's settings: {code: value}."""
        while not any(isinstance(e, h2.events.RemoteSettingsChanged) for e in self._events):
            self._receive()
        return dict(self._h2.remote_settings)

    def connection_window(self):
        """How much may be sent on the connection, once the server has said so."""
        self.request([(":method", "GET"), (":path", "/"), (":scheme", "http"),
                      (":authority", "x")])
        return self._h2.outbound_flow_control_window

    def read_without_answering(self):
        """What comes until the server closes."""
        told = b""
        while data := self._socket.recv(65536):
            told += data
        self.closed = True
        return told

    def wait_for_goaway(self):
        """The error code with which the server sends us away; None where it only closes."""
        while self.goaway is None and not self.closed:
            self._receive()
        return self.goaway

    def ping(self, count):
        for number in range(count):
            self._h2.ping(struct.pack(">Q", number))
        self._flush()
        while self.pings < count and not self.closed:
            self._receive()

    def begin(self, headers, end=False):
        stream = self._h2.get_next_available_stream_id()
        self._h2.send_headers(stream, headers, end_stream=end)
        self._flush()
        return stream

    def send(self, stream, data, end=False):
        """Sends data as the windows allow, in frames of the size allowed."""
        while data:
            room = min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size)
            if room == 0:
                self._receive()
                if self.closed or self._is_over(stream):
                    return
                continue
            part, data = data[:room], data[room:]
            self._h2.send_data(stream, part, end_stream=end and not data)
            self._flush()
            if not data:
                return
        if end:
            self._h2.end_stream(stream)
            self._flush()

    def reset(self, stream):
        self._h2.reset_stream(stream, 8)
        self._flush()

    def _of(self, stream, kind):
        return [e for e in self._events
                if isinstance(e, kind) and getattr(e, "stream_id", None) == stream]

    def _is_over(self, stream):
        return bool(self._of(stream, (h2.events.StreamEnded, h2.events.StreamReset)))

    def reply(self, stream, deadline=30):
        """Waits for the end of the stream."""
        end = time.monotonic() + deadline
        while not self.closed and not self._is_over(stream):
            if time.monotonic() > end:
                raise TimeoutError(f"stream {stream} is still open")
            self._receive()
        headers = self._of(stream, h2.events.ResponseReceived)
        trailers = self._of(stream, h2.events.TrailersReceived)
        resets = self._of(stream, h2.events.StreamReset)
        return Reply(dict(headers[0].headers) if headers else {},
                     b"".join(e.data for e in self._of(stream, h2.events.DataReceived)),
                     dict(trailers[0].headers) if trailers else {},
                     resets[0].error_code if resets else None)

    def request(self, headers, *data):
        """One request; each piece of `data` in frames of its own."""
        stream = self.begin(headers, end=not data)
        for index, piece in enumerate(data):
            self.send(stream, piece, end=index == len(data) - 1)
        return self.reply(stream)

    def call(self, *data, path=otlp.EXPORT, **headers):
        """A gRPC call with these pieces as its body; header names with `_` for `-`."""
        fields = {"content_type": "application/grpc", "te": "trailers", **headers}
        return self.request(
            [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test")]
            + [(name.replace("_", "-"), text) for name, text in fields.items()
               if text is not None], *data)


def grpc_status(reply):
    """The gRPC status code, from the trailers or a trailers-only answer; None where there is none."""
    fields = {**reply.headers, **reply.trailers}
    return int(fields["grpc-status"]) if "grpc-status" in fields else None
