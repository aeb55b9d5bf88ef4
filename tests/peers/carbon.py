"""carbon-cache from Debian: takes the plaintext protocol; read back from its whisper files."""
import hashlib
import json
import os
import re
import socket
import subprocess

from tests.peers.process import Server, find_program

_REMEDY = "apt-get install --no-install-recommends graphite-carbon"

# USER empty: carbon would else change to a user of its own. The creation limit and the minute-wide
# retention of the shipped files lose points of short tests.
_CARBON = """\
[cache]
STORAGE_DIR = {folder}/storage
LOCAL_DATA_DIR = {folder}/whisper
CONF_DIR = {folder}
LOG_DIR = {folder}/logs
PID_DIR = {folder}
USER =
ENABLE_LOGROTATION = False
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
ENABLE_TAGS = False
LOG_CREATES = True
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {line}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = {pickle}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = {query}
"""

_SCHEMAS = """\
[all]
pattern = .*
retentions = 1s:1d
"""

# One process of the system's Python (whisper is a Debian package) for all files: {path: {time: v}}.
_DUMP = """
import json, os, sys, time, whisper
series = {}
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        (start, end, step), values = whisper.fetch(path, time.time() - 86000, time.time() + 1)
        series[os.path.relpath(path, sys.argv[1])] = {
            start + i * step: v for i, v in enumerate(values) if v is not None}
json.dump(series, sys.stdout)
"""


class Carbon(Server):
    @property
    def ready(self):
        return rf" starting on {self.port}$"

    def prepare(self):
        self.port = self.lease_port()
        self.address = f"127.0.0.1:{self.port}"
        self._query_port = self.lease_port()
        self.write_file("carbon.conf", _CARBON.format(
            folder=self.folder, line=self.port, pickle=self.lease_port(), query=self._query_port))
        self.write_file("storage-schemas.conf", _SCHEMAS)
        for name in ("storage", "whisper", "logs"):
            os.mkdir(self.path(name))
        self._names = set()

    def command(self):
        return [find_program(["carbon-cache"], _REMEDY), f"--config={self.path('carbon.conf')}",
                "--nodaemon", "start"]

    def environment(self):
        return {**os.environ, "PYTHONUNBUFFERED": "1"}

    def names(self):
        """Names of all series that were ever created, as they were sent."""
        self._names.update(re.findall(r"creating database metric (\S+) \(", self.process.text()))
        return set(self._names)

    def stop(self):
        self.names()
        return super().stop()

    def kill(self):
        self.names()
        return super().kill()

    @staticmethod
    def _file_of(name):
        if ";" not in name:
            return name.replace(".", "/") + ".wsp"
        digest = hashlib.sha256(name.encode()).hexdigest()
        return f"_tagged/{digest[:3]}/{digest[3:6]}/{digest}.wsp"

    def series(self):
        """What is on disk: {name as sent: {second: value}}. Carbon writes within about a second."""
        names = self.names()
        dump = subprocess.run([find_program(["/usr/bin/python3"], "apt-get install python3"), "-c",
                               _DUMP, self.path("whisper")],
                              check=True, capture_output=True, timeout=60)
        files = json.loads(dump.stdout)
        return {name: {int(second): value for second, value in files[self._file_of(name)].items()}
                for name in names if self._file_of(name) in files}

    def send(self, text):
        """Sends plaintext lines; for tests of this module."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
            connection.sendall(text.encode())
