"""An HTTP/1.1 client that sends bytes as they are given and reads answers strictly."""
import socket
import time
from collections import namedtuple

#: `headers` in lower case; `body` as bytes; `interim` are the 1xx statuses that came before it.
Answer = namedtuple("Answer", "status headers body interim version pairs")


class NoAnswer(Exception):
    """The server closed, or said nothing, or said what is not HTTP."""

    def __init__(self, what, text):
        super().__init__(text)
        self.what = what


def connect(address, timeout):
    host, port = address.rsplit(":", 1)
    connection = socket.create_connection((host.strip("[]"), int(port)), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Connection:
    """One connection, as a context manager."""

    def __init__(self, address, patience):
        self._socket = connect(address, patience)
        self._data, self.patience, self.closed = b"", patience, False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, *pieces):
        """Sends piece by piece. A server that has closed already is no error: its answer tells."""
        try:
            for piece in pieces:
                self._socket.sendall(piece)
        except OSError:
            pass

    def send_all(self, *pieces):
        """Sends every piece before anything is read, as most clients do; whether the server took all."""
        try:
            for piece in pieces:
                self._socket.sendall(piece)
        except OSError:
            return False
        return True

    def finish(self):
        """Sends no more, and can still read."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _more(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise NoAnswer("silence", f"no answer in {self.patience} s")
        self._socket.settimeout(left)
        try:
            piece = self._socket.recv(65536)
        except socket.timeout:
            raise NoAnswer("silence", f"no answer in {self.patience} s") from None
        except OSError:
            piece = b""
        if not piece:
            self.closed = True
        self._data += piece
        return bool(piece)

    def _until(self, mark, deadline):
        while mark not in self._data:
            if not self._more(deadline):
                raise NoAnswer("closed", f"closed after {self._data[:80]!r}")
        head, self._data = self._data.split(mark, 1)
        return head

    def _exactly(self, size, deadline):
        while len(self._data) < size:
            if not self._more(deadline):
                raise NoAnswer("closed", "closed within a body")
        body, self._data = self._data[:size], self._data[size:]
        return body

    def _chunks(self, deadline):
        body = b""
        while True:
            size = int(self._until(b"\r\n", deadline).split(b";")[0], 16)
            if size == 0:
                while self._until(b"\r\n", deadline):
                    pass
                return body
            body += self._exactly(size, deadline)
            self._until(b"\r\n", deadline)

    def _body(self, status, headers, deadline, to_head):
        if to_head or status in (204, 304):
            return b""
        if "chunked" in headers.get("transfer-encoding", ""):
            return self._chunks(deadline)
        if "content-length" in headers:
            return self._exactly(int(headers["content-length"]), deadline)
        while self._more(deadline):
            pass
        body, self._data = self._data, b""
        return body

    def answer(self, to_head=False):
        """The next answer; NoAnswer where there is none."""
        deadline, interim = time.monotonic() + self.patience, []
        while True:
            lines = self._until(b"\r\n\r\n", deadline).split(b"\r\n")
            first = lines[0].split(b" ", 2)
            if len(first) < 2 or not first[0].startswith(b"HTTP/1.") or len(first[1]) != 3:
                raise NoAnswer("garbage", f"not HTTP: {lines[0][:80]!r}")
            status = int(first[1])
            pairs = [(name.decode("latin-1").lower(), text.strip().decode("latin-1"))
                     for name, _, text in (line.partition(b":") for line in lines[1:])]
            if status >= 200:
                break
            interim.append(status)
        headers = dict(pairs)
        return Answer(status, headers, self._body(status, headers, deadline, to_head), interim,
                      first[0].decode(), pairs)

    def interim(self):
        """The status of the next header, also of a 1xx; the rest stays unread."""
        head = self._until(b"\r\n\r\n", time.monotonic() + self.patience)
        return int(head.split(b" ", 2)[1])

    def is_closed(self):
        """Whether the server closes, with nothing further said."""
        deadline = time.monotonic() + self.patience
        try:
            while self._more(deadline):
                pass
        except NoAnswer:
            return False
        return self.closed

    def rest(self):
        """What comes until the server closes, or falls silent."""
        self.is_closed()
        return self._data
