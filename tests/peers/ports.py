"""Loopback ports that stay ours between "found free" and "listening", and over a restart.

The kernel hands out ports for outgoing connections from one range; these come from below it, each
held by a file lock, so that tests that run side by side never meet.
"""
import fcntl
import os
import random
import socket
import tempfile

_FOLDER = os.path.join(tempfile.gettempdir(), f"assertd-test-ports-{os.getuid()}")


def _range():
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        lowest = int(file.read().split()[0])
    return range(max(1024, lowest - 12000), lowest)


def _is_free(port):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


class Lease:
    """One port, held until `release()` or the end of the process."""

    def __init__(self):
        os.makedirs(_FOLDER, exist_ok=True)
        for port in random.sample(_range(), 2000):
            lock = os.open(os.path.join(_FOLDER, str(port)), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                continue
            if _is_free(port):
                self.port, self._lock = port, lock
                return
            os.close(lock)
        raise RuntimeError("no free loopback port")

    def release(self):
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
