"""InfluxDB 1.6 from Debian: writes through `/write`, reads through InfluxQL."""
import json
import urllib.parse
import urllib.request

from tests.peers.process import Server, find_program

_REMEDY = "apt-get install --no-install-recommends influxdb"

_CONFIG = """\
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
[http]
  bind-address = "127.0.0.1:{http}"
  log-enabled = false
[monitor]
  store-enabled = false
"""


class InfluxDB(Server):
    ready = "Listening for signals"

    def prepare(self):
        self.port = self.lease_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.write_file("influxd.conf", _CONFIG.format(
            rpc=self.lease_port(), http=self.port, folder=self.folder))

    def command(self):
        return [find_program(["influxd"], _REMEDY), "-config", self.path("influxd.conf")]

    def create_database(self, name):
        self.query(None, f'CREATE DATABASE "{name}"')

    def query(self, database, text):
        """The series of the answer: [{"name", "tags", "columns", "values"}], times in ns."""
        fields = {"q": text, "epoch": "ns"}
        if database:
            fields["db"] = database
        with urllib.request.urlopen(self.endpoint + "/query",
                                    urllib.parse.urlencode(fields).encode(), 30) as answer:
            result = json.load(answer)["results"][0]
        if "error" in result:
            raise RuntimeError(result["error"])
        return result.get("series", [])

    def rows(self, database, text):
        """The answer as one dict for each row, tags of a GROUP BY included."""
        rows = []
        for series in self.query(database, text):
            for values in series.get("values", []):
                rows.append({**series.get("tags", {}), **dict(zip(series["columns"], values))})
        return rows

    def points(self, database):
        """Every point of the database: {measurement: [row]}."""
        names = [row["name"] for row in self.rows(database, "SHOW MEASUREMENTS")]
        return {name: self.rows(database, f'SELECT * FROM "{name}"') for name in names}

    def write(self, database, lines):
        """Writes line protocol; for tests of this module."""
        url = f"{self.endpoint}/write?db={urllib.parse.quote(database)}&precision=ns"
        with urllib.request.urlopen(url, lines.encode(), 30) as answer:
            return answer.status
