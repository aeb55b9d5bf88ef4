"""Redis from Debian, with its append-only file so that a restart keeps the data."""
import socket

from tests.peers.process import Server, find_program

_REMEDY = "apt-get install --no-install-recommends redis-server"


class Redis(Server):
    ready = "Ready to accept connections"

    def prepare(self):
        self.port = self.lease_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self):
        return [find_program(["redis-server"], _REMEDY), "--port", str(self.port),
                "--bind", "127.0.0.1", "--dir", self.folder, "--save", "",
                "--appendonly", "yes", "--appendfsync", "always"]

    def call(self, *words):
        """Sends one command; the reply as int, bytes, list or None."""
        with socket.create_connection(("127.0.0.1", self.port), 30) as connection:
            words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
            connection.sendall(b"*%d\r\n" % len(words) +
                               b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
            with connection.makefile("rb") as stream:
                return self._reply(stream)

    def _reply(self, stream):
        line = stream.readline()[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if int(rest) < 0:
            return None
        if kind == b"$":
            return stream.read(int(rest) + 2)[:-2]
        return [self._reply(stream) for _ in range(int(rest))]
