"""A child process that is watched by its output: the base of every server used in tests."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from tests.peers.ports import Lease


class Missing(RuntimeError):
    """A program that a test needs is not installed; the text says how to get it."""

    def __init__(self, program, remedy):
        super().__init__(f"{program} is missing; install it with: {remedy}")


class NotReady(RuntimeError):
    """A process ended, or stayed silent, before it said what was awaited."""


def find_program(names, remedy):
    """The path of the first of `names` that is installed, `/usr/sbin` included."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    raise Missing(names[0], remedy)


def wait_until(condition, deadline=30.0, what="the condition", interval=0.02):
    """The first true value of `condition()`; for states that no event announces.

    Raises TimeoutError after `deadline` seconds, naming the last value seen.
    """
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise TimeoutError(f"{what} did not come about in {deadline} s; last: {value!r}")
        time.sleep(interval)


class Process:
    """Runs a command, keeps all its output in memory and in a file, and waits for lines in it.

    The child ends when this process does, however that happens.
    """

    def __init__(self, command, *, env=None, cwd=None, log=None, stdin=None, split=False):
        self.command = command
        self._lines = []
        self._changed = threading.Condition()
        self._log = open(log, "ab") if log else None
        guarded = [find_program(["setpriv"], "apt-get install util-linux"),
                   "--pdeathsig", "KILL", "--"] + list(command)
        self.popen = subprocess.Popen(
            guarded, env=env, cwd=cwd, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if split else subprocess.STDOUT)
        self._watched = self.popen.stderr if split else self.popen.stdout
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self):
        return self.popen.pid

    def _read(self):
        for line in self._watched:
            if self._log:
                self._log.write(line)
                self._log.flush()
            with self._changed:
                self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self._changed.notify_all()
        self._watched.close()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._log:
            self._log.close()

    def lines(self):
        """Every line of output so far."""
        with self._changed:
            return list(self._lines)

    def text(self):
        return "\n".join(self.lines())

    def wait_for_line(self, pattern, deadline=30.0, start=0):
        """The match of the first line, from the `start`-th on, that contains `pattern`."""
        expression = re.compile(pattern)
        end = time.monotonic() + deadline
        with self._changed:
            while True:
                for index in range(start, len(self._lines)):
                    match = expression.search(self._lines[index])
                    if match:
                        return match
                start = len(self._lines)
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    reason = "ended" if self._ended else f"said nothing like it in {deadline} s"
                    tail = "\n".join(self._lines[-30:])
                    raise NotReady(f"{self.command[0]} {reason}: {pattern!r}; output:\n{tail}")
                self._changed.wait(left)

    def wait(self, deadline=30.0):
        """The exit code; negative for a signal. All output has been read when this returns."""
        code = self.popen.wait(deadline)
        self._reader.join(deadline)
        return code

    def is_running(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def stop(self, deadline=30.0):
        """SIGTERM, and SIGKILL if that does not end it in time; the exit code."""
        if self.is_running():
            self.signal(signal.SIGTERM)
            try:
                return self.wait(deadline)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        return self.wait(deadline)

    def kill(self):
        if self.is_running():
            self.signal(signal.SIGKILL)
        return self.wait()


class Server:
    """A server in a temporary folder. Subclasses give `command()`, `ready` and `prepare()`.

    Usable as a context manager; `stop`, `kill`, `start`, `pause` and `resume` in between keep the
    folder and the ports.
    """

    #: A pattern in the server's output that says "connections to `port` are accepted about now".
    ready = None
    port = None
    start_deadline = 60.0

    def __init__(self):
        self._leases = []
        self.process = None
        self.folder = None

    def lease_port(self):
        lease = Lease()
        self._leases.append(lease)
        return lease.port

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write_file(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def prepare(self):
        """Makes what the server needs in `self.folder`; called once, before the first start."""

    def command(self):
        raise NotImplementedError

    def environment(self):
        return None

    def start(self):
        if self.folder is None:
            self.folder = tempfile.mkdtemp(prefix=f"assertd-{type(self).__name__.lower()}-")
            try:
                self.prepare()
            except BaseException:
                self.close()
                raise
        self.process = Process(self.command(), env=self.environment(), cwd=self.folder,
                               log=self.path("log"))
        try:
            self.process.wait_for_line(self.ready, self.start_deadline)
            wait_until(self._accepts, 10, f"a connection to port {self.port}")
        except BaseException:
            self.process.kill()
            raise
        return self

    def _accepts(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        except ConnectionRefusedError:
            return False

    def stop(self):
        """A clean stop."""
        return self.process.stop()

    def kill(self):
        """An unclean one."""
        return self.process.kill()

    def pause(self):
        """The server keeps its connections and answers nothing."""
        self.process.signal(signal.SIGSTOP)

    def resume(self):
        self.process.signal(signal.SIGCONT)

    def restart(self):
        self.stop()
        return self.start()

    def close(self):
        if self.process is not None and self.process.is_running():
            self.process.kill()
        for lease in self._leases:
            lease.release()
        self._leases.clear()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()
