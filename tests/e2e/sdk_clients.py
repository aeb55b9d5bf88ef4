"""Runs the SDK clients of `sdk/`: each language, protocol and compression that its exporters have."""
import os
import subprocess
import sys

from tests.peers.process import find_program

_HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sdk")
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(_HERE)))

#: (language, protocol, compression)
CLIENTS = [(language, protocol, compression)
           for language, protocols in (("python", ("grpc", "http/protobuf")),
                                       ("js", ("grpc", "http/json", "http/protobuf")),
                                       ("java", ("grpc", "http/protobuf")))
           for protocol in protocols for compression in ("none", "gzip")]

SPANS_PER_TRACE = 5


def sdk_folder():
    return os.environ.get("ASSERTD_SDK") or os.path.join(_ROOT, "build", "sdk")


def prepare(*parts):
    """Installs what is missing; quick when nothing is. `parts`: js, jest, java; all by default."""
    subprocess.run([os.path.join(_HERE, "prepare"), *parts], check=True)


def _command(language):
    if language == "python":
        return [sys.executable, os.path.join(_HERE, "python", "client.py")]
    folder = os.path.join(sdk_folder(), language)
    if language == "js":
        return [find_program(["node"], "apt-get install --no-install-recommends nodejs npm"),
                os.path.join(folder, "client.mjs")]
    java = find_program(["java"], "apt-get install --no-install-recommends openjdk-17-jdk-headless")
    return [java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
            "-cp", f"{folder}/classes:{folder}/jars/*", "Client"]


def run(client, endpoint, seed_trace, traces=8, **options):
    """Runs one client to its end. `client` is a row of CLIENTS, `seed_trace` 32 hex digits."""
    language, protocol, compression = client
    command = _command(language) + [
        "--protocol", protocol, "--compression", compression, "--endpoint", endpoint,
        "--seed-trace", seed_trace, "--traces", str(traces)]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("OTEL_")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"{client} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def trace_ids(seed_trace, traces=8):
    return [f"{(int(seed_trace, 16) + index) % 2**128:032x}" for index in range(traces)]
