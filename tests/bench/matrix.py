"""Every way in: transport, encoding, packing and size of the requests; CPU per span of assertd and of the server that throws
away, which does not unpack."""
import os
import re
import subprocess

from tests.bench.pipeline import CONFIG
from tests.bench.servers import Assertd, BENCH, Discard, Load
from tests.bench.table import Row, change, over_rounds, spread

WAYS = (("grpc", "pb"), ("http", "pb"), ("http", "json"))
PACKINGS = ("none", "gzip", "deflate", "zstd")
SIZES = (1, 64, 512, 8192)
WARM, SECONDS = 1.5, 1.5

TITLE = "ways in: unpacking"
ROWS = (
    Row("libdeflate alone, per span", "libdeflate_ns", "", 1, 0, "ns"),
    Row("zstd alone, per span", "zstd_ns", "", 1, 0, "ns"),
    Row("gRPC, gzip, 512 spans / (plain + libdeflate alone)", "grpc_gzip_to_plain", "<= 1.6"),
    Row("HTTP, gzip, 512 spans / (plain + libdeflate alone)", "http_gzip_to_plain", "<= 1.6"),
)


def key_of(way, packing, size, what):
    return f"{way[0]}_{way[1]}_{packing}_{size}_{what}"


def unpacking(core):
    out = subprocess.run(["taskset", "-c", core, os.path.join(BENCH, "bench_inflate")], capture_output=True, text=True,
                         check=True).stdout
    return {name + "_ns": float(ns) for name, ns in re.findall(r"^(\w+)\s+([\d.]+) ns/span", out, re.M)}


def connections(way, size):
    """Small requests need more of them under way to keep a server busy; HTTP/1.1 has one at a time on a connection."""
    if size == 1:
        return {"connections": 8, "in_flight": 16} if way[0] == "grpc" else {"connections": 32}
    return {"connections": 8 if size < 8192 else 4}


def one_round(options):
    """Every cell on a fresh assertd, and without packing on the discarding server too."""
    out = {}
    for way in WAYS:
        for packing in PACKINGS:
            for size in SIZES:
                load = dict(body=f"{size}.{way[1]}", protocol=way[0], packing=packing, warm=WARM, seconds=SECONDS,
                            **connections(way, size))
                with Discard(options.server_core) as server:
                    floor = Load(server, options.load_core, **{**load, "warm": 0.3, "seconds": 0.7}).result()
                with Assertd(options.server_core, CONFIG, "receivers.otlp.http.endpoint=127.0.0.1:0") as server:
                    whole = Load(server, options.load_core, **load).result(must=False)
                if whole is not None:
                    out[key_of(way, packing, size, "ns")] = 1e9 / whole["spans_per_cpu_s"]
                    out[key_of(way, packing, size, "own_ns")] = 1e9 / whole["spans_per_cpu_s"] - 1e9 / floor["spans_per_cpu_s"]
    return out


def with_ratios(figures):
    for transport in ("grpc", "http"):
        plain, packed = (figures.get(key_of((transport, "pb"), packing, 512, "ns")) for packing in ("none", "gzip"))
        if plain and packed:
            figures[transport + "_gzip_to_plain"] = spread(
                [b / (a + figures["libdeflate_ns"]["median"]) for a, b in zip(plain["all"], packed["all"])])
    return figures


def measure(options):
    figures = {key: spread(number) for key, number in unpacking(options.server_core).items()}
    return with_ratios({**figures, **over_rounds([one_round(options) for _ in options.rounds_of("matrix", 1)])})


def cell(figures, kept, way, packing, size):
    """"1232 (1147) +6%": ns a span, without what the discarding server takes, change."""
    whole, own = (figures.get(key_of(way, packing, size, what)) for what in ("ns", "own_ns"))
    if whole is None:
        return "refused"
    changed = change(whole["median"], kept.get(key_of(way, packing, size, "ns")))
    return f"{whole['median']:.0f} ({own['median']:.0f}) {changed}".strip()


def print_table(figures, kept):
    print("\nways in: CPU per span in ns (without what the discarding server takes, which does not unpack), change; "
          "JSON's budget: 3,333")
    print(f"{'transport, encoding, packing':<30}" + "".join(f"{f'{size} spans':>22}" for size in SIZES))
    for way in WAYS:
        for packing in PACKINGS:
            texts = [cell(figures, kept, way, packing, size) for size in SIZES]
            print(f"{way[0] + ', ' + way[1] + ', ' + packing:<30}" + "".join(f"{text:>22}" for text in texts))


def markdown(figures):
    lines = ["CPU per span in ns, in brackets without what the discarding server takes; JSON's budget is 3,333.", "",
             "| transport, encoding, packing | " + " | ".join(f"{size} span{'s' * (size > 1)}" for size in SIZES) + " |",
             "|---" * (len(SIZES) + 1) + "|"]
    for way in WAYS:
        for packing in PACKINGS:
            texts = [cell(figures, {}, way, packing, size) for size in SIZES]
            lines.append(f"| {way[0]}, {way[1]}, {packing} | " + " | ".join(texts) + " |")
    return lines
