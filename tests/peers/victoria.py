"""VictoriaMetrics from Debian: takes `/api/v2/write`, gives everything back by `/api/v1/export`.

It answers 204 to lines that it can't parse: of no use for tests of refusals.
"""
import json
import time
import urllib.parse
import urllib.request

from tests.peers.process import Server, find_program

_REMEDY = "apt-get install --no-install-recommends victoria-metrics"


class VictoriaMetrics(Server):
    ready = "starting http server at "

    def prepare(self):
        self.port = self.lease_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def command(self):
        return [find_program(["victoria-metrics"], _REMEDY),
                f"-storageDataPath={self.path('data')}", f"-httpListenAddr=127.0.0.1:{self.port}",
                "-search.latencyOffset=0s", "-retentionPeriod=100y", "-memory.allowedBytes=64MB"]

    def export(self, match='{__name__!=""}'):
        """Every series: [{"metric": {"__name__", tag: value}, "values": [], "timestamps": [ms]}].

        A field `f` of a measurement `m` is the metric `m_f`.
        """
        with urllib.request.urlopen(self.endpoint + "/internal/force_flush", None, 30):
            pass
        # Without an end, points of the running second are left out.
        query = urllib.parse.urlencode({"match[]": match, "start": 0, "end": time.time() + 3600})
        url = self.endpoint + "/api/v1/export?" + query
        with urllib.request.urlopen(url, None, 30) as answer:
            return [json.loads(line) for line in answer]

    def write_v2(self, lines, org="o", bucket="b"):
        """Writes line protocol; for tests of this module."""
        url = f"{self.endpoint}/api/v2/write?org={org}&bucket={bucket}&precision=ns"
        with urllib.request.urlopen(url, lines.encode(), 30) as answer:
            return answer.status
