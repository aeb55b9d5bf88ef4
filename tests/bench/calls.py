"""What a request makes the server ask of the kernel, of the allocator and of locks.

System calls are counted by strace over a whole load at saturation; calls of the C library's allocator and of mutexes, and
instructions, by callgrind over a small load in the steady state. Both are exact for what ran; neither says
anything about time, since both slow the server down many times.
"""
import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter

from tests.bench.pipeline import CONFIG
from tests.bench.servers import Assertd, Load, ROOT, fail
from tests.bench.table import Row, over_rounds

SHOWN = 25  # functions
FOLDER = os.path.join(ROOT, "build", "bench")
NAMED = ("recvfrom", "recvmsg", "read", "sendto", "sendmsg", "writev", "write", "epoll_wait", "epoll_ctl", "futex", "mmap",
         "munmap", "brk", "madvise", "mprotect", "timerfd_settime", "clock_gettime")
ALLOCATING = ("malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign")
LOCKING = ("pthread_mutex_lock", "pthread_mutex_trylock", "pthread_rwlock_rdlock", "pthread_rwlock_wrlock",
           "pthread_spin_lock", "sem_wait", "pthread_cond_wait")

TITLE = "calls, gRPC, 512 spans a request"
ROWS = (Row("system calls per request", "syscalls", "", 1, 2),) + tuple(
    Row(f"    {name}", f"syscall_{name}", "", 1, 3) for name in NAMED) + (
    Row("allocations per span", "allocations_per_span", "0 but chunks", 1, 4),
    Row("allocations per request", "allocations_per_request", "", 1, 1),
    Row("locks taken per request", "locks_per_request", "0", 1, 3),
    Row("instructions per span, all of the server", "instructions_per_span", "", 1, 0, "Ir"))


def system_calls(options):
    """Of a whole load in the steady state, so that all that was counted belongs to its requests."""
    path = os.path.join(FOLDER, "strace.txt")
    with Assertd(options.server_core, CONFIG) as server:
        Load(server, options.load_core, warm=4, seconds=1, connections=options.connections).result()
        tracer = subprocess.Popen(["strace", "-f", "-q", "-c", "-U", "calls,name", "-o", path, "-p", str(server.pid)],
                                  stderr=subprocess.DEVNULL)
        time.sleep(1)
        requests = Load(server, options.load_core, warm=0, seconds=5, connections=options.connections).result()["requests"]
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=30)
    with open(path, encoding="utf-8") as file:
        counts = {name: int(count) for count, name in re.findall(r"^\s*(\d+)\s+(\w+)$", file.read(), re.M)}
    total = counts.pop("total", None) or sum(counts.values())
    return {"syscalls": total / requests, **{f"syscall_{name}": counts[name] / requests for name in NAMED if name in counts}}


class Counted(Assertd):
    """assertd under callgrind, which counts nothing until it is told to."""

    def __init__(self, options, path):
        self.prefix = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={path}"]
        super().__init__(options.server_core, CONFIG)

    def command(self, command):
        return self.prefix + command

    def counting(self, on):
        subprocess.run(["callgrind_control", "-i", "on" if on else "off", str(self.pid)], check=True, capture_output=True)


def plain(name):
    """Without the version, the depth of recursion and what the linker added."""
    return re.sub(r"(@.*|'\d+|\.(lto_priv|constprop|part|isra|cold).*)$", "", name)


def read_profile(path):
    """How often each function was called, and the instructions of its own."""
    names, calls, costs = {}, Counter(), Counter()
    inside = called = None
    callee_cost = False  # the line after "calls=" is what the call cost altogether
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if found := re.match(r"(c?)fn=\((\d+)\)(?: (.*))?", line):
                if found.group(3):
                    names[found.group(2)] = plain(found.group(3))
                if found.group(1):
                    called = found.group(2)
                else:
                    inside = found.group(2)
            elif found := re.match(r"calls=(\d+)", line):
                calls[called] += int(found.group(1))
                callee_cost = True
            elif found := re.match(r"[+*\-\d]\S* (\d+)", line):
                costs[inside] += 0 if callee_cost else int(found.group(1))
                callee_cost = False
    return tuple(sum_names(counts, names) for counts in (calls, costs))


def sum_names(counts, names):
    out = Counter()
    for number, count in counts.items():
        out[names[number]] += count
    return out


def counted_calls(options):
    path = os.path.join(FOLDER, "callgrind.out")
    with Counted(options, path) as server:
        Load(server, options.load_core, warm=4, seconds=1, rate=30_000).result()
        server.counting(True)
        found = Load(server, options.load_core, warm=0, seconds=10, rate=30_000).result()
        server.counting(False)
    calls, costs = read_profile(path)
    if not costs:
        fail("callgrind wrote no figures")
    allocations, locks = (sum(calls[name] for name in names) for names in (ALLOCATING, LOCKING))
    return {"allocations_per_span": allocations / found["spans"], "allocations_per_request": allocations / found["requests"],
            "locks_per_request": locks / found["requests"], "instructions_per_span": sum(costs.values()) / found["spans"],
            **{"own " + name: cost / found["spans"] for name, cost in costs.most_common(SHOWN)}}


def measure(options):
    for tool in ("strace", "callgrind_control"):
        if shutil.which(tool) is None:
            fail(f"{tool} is missing: scripts/setup bench")
    rounds = [{**system_calls(options), **counted_calls(options)} for _ in options.rounds_of("calls", 1)]
    every = set.intersection(*(set(one) for one in rounds))
    return over_rounds([{key: one[key] for key in one if key in every} for one in rounds])


def print_table(figures, _kept):
    print("\ninstructions per span of functions of their own")
    own = {name[4:]: found["median"] for name, found in figures.items() if name.startswith("own ")}
    for name, cost in sorted(own.items(), key=lambda item: -item[1]):
        print(f"{name:<56} {cost:>10.0f} Ir {cost / figures['instructions_per_span']['median']:>8.1%}")
