"""The programs that the bench drives: servers pinned to cores, the load generator, and the sink where verdicts arrive."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "release")
BENCH = os.path.join(BUILD, "tests", "bench")
ASSERTD = os.path.join(BUILD, "daemon", "assertd")
HERE = os.path.join(ROOT, "tests", "bench")
BODIES = os.path.join(ROOT, "build", "bench", "bodies")
PEERS = os.environ.get("ASSERTD_BENCH_PEERS", os.path.join(ROOT, "build", "bench", "peers"))


def fail(text):
    sys.exit(f"scripts/bench: {text}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def field(path, pattern):
    with open(path, encoding="utf-8") as file:
        found = re.search(pattern, file.read(), re.M)
    return found.group(1).strip() if found else None


class Server:
    """A program pinned to cores that runs until it is stopped. `grpc` and `http` are its ports, where it has them."""

    name = "server"
    grpc = http = None

    def __init__(self, cores, command, environment=None):
        self.process = subprocess.Popen(["taskset", "-c", cores, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, env={**os.environ, **(environment or {})})
        self.pid = self.process.pid
        self.log = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_for(self, pattern):
        """The first group of `pattern` in what the program prints."""
        while (found := re.search(pattern, self.log)) is None:
            line = self.process.stdout.readline()
            if not line:
                fail(f"{self.name} ended:\n{self.log}")
            self.log += line
        return found.group(1)

    def memory(self):
        """Anonymous memory and all that is resident, in bytes."""
        status = f"/proc/{self.pid}/status"
        return {"anonymous": int(field(status, r"^RssAnon:\s+(\d+)")) * 1024,
                "resident": int(field(status, r"^VmRSS:\s+(\d+)")) * 1024}

    def fresh_pages(self):
        """Pages that were touched first (minor faults) since its start."""
        with open(f"/proc/{self.pid}/stat", encoding="utf-8") as file:
            return int(file.read().rsplit(")", 1)[1].split()[7])

    def stop(self):
        """Hurries it: nothing that is open is waited for. What it printed since is returned."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.communicate()[0]


class Discard(Server):
    """Servers on the same HTTP code that throw everything away."""

    name = "bench_discard"

    def __init__(self, cores):
        super().__init__(cores, [os.path.join(BENCH, "bench_discard")])
        self.grpc = self.wait_for(r"grpc 127\.0\.0\.1:(\d+)")
        self.http = self.wait_for(r"http 127\.0\.0\.1:(\d+)")


class Assertd(Server):
    """assertd serve, with its metrics."""

    name = "assertd"

    def __init__(self, cores, config, *settings, sink=None):
        command = [ASSERTD, "serve", "--config", config]
        if sink is not None:
            settings += (f"exporters.kafka.brokers={sink.verdicts}", "exporters.kafka.meters_topic=")
        for setting in settings:
            command += ["--set", setting]
        super().__init__(cores, self.command(command))
        self.wait_for(r"(ready) suites")
        address = r"name={} address=127\.0\.0\.1:(\d+)"
        self.admin = self.wait_for(address.format("admin"))
        self.grpc = self.wait_for(address.format("otlp/grpc"))
        found = re.search(address.format("otlp/http"), self.log)
        self.http = found.group(1) if found else None

    def command(self, command):
        """What is run to run the command."""
        return command

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics") as page:
            text = page.read().decode()
        found = {name: float(number) for name, number in re.findall(r"^(assertd_\w+) ([\d.e+]+)$", text, re.M)}
        held = r'^(assertd_memory_held_bytes)\{owner="(\w+)"\} ([\d.e+]+)$'
        return found | {(name, owner): float(number) for name, owner, number in re.findall(held, text, re.M)}

    def decisions(self):
        """How many failures were told early, by the greatest delay of their class in ns; sums from the least class on."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics") as page:
            text = page.read().decode()
        found = re.findall(r'^assertd_decision_seconds_bucket{le="([\d.]+|\+Inf)"} (\d+)$', text, re.M)
        return {float(most.replace("+Inf", "inf")) * 1e9: int(number) for most, number in found}

    def live_traces(self):
        """Traces that are open, or closed but in their grace time."""
        gauges = self.metrics()
        return gauges["assertd_open_traces"] + gauges["assertd_closed_traces"]

    def accounted(self):
        """Live traces, all bytes of the account, and of these what the IDs of final traces take; at one moment."""
        gauges = self.metrics()
        return (gauges["assertd_open_traces"] + gauges["assertd_closed_traces"], gauges["assertd_memory_bytes"],
                gauges["assertd_memory_held_bytes", "remembered"])


class Collector(Server):
    """The OpenTelemetry Collector of tests/bench/peers, on one core (GOMAXPROCS=1)."""

    name = "Collector"
    program = os.path.join(PEERS, "otelcol")

    def __init__(self, cores, sink=None):
        ports = {name: str(free_port()) for name in ("GRPC", "HTTP", "METRICS")}
        environment = {"BENCH_" + name: port for name, port in ports.items()}
        environment.update(GOMAXPROCS="1", BENCH_SINK=str(sink.spans) if sink else "1",
                           BENCH_EXPORTER="otlp" if sink else "nop")
        super().__init__(cores, [self.program, "--config", os.path.join(HERE, "peers", "otelcol.yaml")], environment)
        self.grpc, self.http, self.admin = ports["GRPC"], ports["HTTP"], ports["METRICS"]
        self.wait_until_open()

    def wait_until_open(self):
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", int(self.grpc))) == 0:
                    return
            time.sleep(0.1)
        fail(f"the Collector did not start:\n{self.stop()}")

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics") as page:
            text = page.read().decode()
        sums = {}
        for name, number in re.findall(r"^(otelcol_\w+)(?:\{.*\})? ([\d.e+]+)$", text, re.M):
            sums[name] = sums.get(name, 0) + float(number)
        return sums

    def live_traces(self):
        return self.metrics()["otelcol_processor_tail_sampling_sampling_traces_on_memory"]

    def lost_traces(self):
        return self.metrics().get("otelcol_processor_tail_sampling_sampling_trace_dropped_too_early", 0)


class Sink(Server):
    """Where verdicts and sampled traces arrive; tells how long after their sending probes did."""

    name = "bench_sink"

    def __init__(self, cores):
        super().__init__(cores, [os.path.join(BENCH, "bench_sink")])
        self.spans = self.wait_for(r"spans 127\.0\.0\.1:(\d+)")
        self.verdicts = self.wait_for(r"verdicts (\S+:\d+)\n")

    def arrivals(self):
        """Stops it: how many messages came on each way, and how long after their sending probes did."""
        return json.loads(self.stop().splitlines()[-1])


class Load:
    """A run of the load generator: begins at once, `result` waits for its end."""

    def __init__(self, server, cores, body="512.pb", **options):
        port = server.http if options.get("protocol") == "http" else server.grpc
        command = ["taskset", "-c", cores, os.path.join(BENCH, "bench_load"), "--port", str(port), "--pid", str(server.pid),
                   "--body", os.path.join(BODIES, body)]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.warm_up = {}

    def wait_for_warmth(self):
        """Until the measured time begins."""
        self.warm_up = json.loads(self.process.stdout.readline() or "{}")

    def result(self, must=True):
        """What was measured. No request answered well: the program ends, or None."""
        out = self.process.communicate()[0]
        if self.process.returncode:
            fail("the load generator failed")
        out = {key: value for line in out.splitlines() for key, value in json.loads(line).items()} | self.warm_up
        if out["requests"] == 0:
            return fail("no request was answered well") if must else None
        out["cpu_us_per_request"] = out["server_cpu_s"] * 1e6 / out["requests"]
        out["spans_per_cpu_s"] = out["spans"] / out["server_cpu_s"]
        out["spans_per_s"] = out["spans"] / out["wall_s"]
        out["core_share"] = out["server_cpu_s"] / out["wall_s"]
        return out
