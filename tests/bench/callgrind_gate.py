"""Holds what the hot paths cost: instructions for each span, counted by callgrind, which do not depend on the machine's mood.

    callgrind_gate.py KERNEL...        the programs, by their names' ends: kernel_decode, kernel_judge

Each kernel runs with few and with more repeats of the same work; the difference, over the spans of the repeats between, is
the cost of a span without start and load. A row fails above its budget (the requirement), and above what was recorded plus
MARGIN (a change that made it dearer: mend it, or say in the commit why and record the new figure). Other compilers than the
one of the record are held to the budget alone. Instructions do not see cache misses: nothing about memory is held here.
"""
import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple

MARGIN = 0.03
RECORDED_WITH = "gcc 12"
FEW, MORE = 1, 4

# kernel, arguments ({} stands for the repeats), what; instructions for each span: recorded, the budget (None: none set)
Row = namedtuple("Row", "kernel arguments what recorded budget")
ROWS = (
    Row("kernel_decode", ("0", "{}"), "skip every field (the floor)", 706, None),
    Row("kernel_decode", ("2", "{}"), "decode, attributes typed", 1645, 2200),
    Row("kernel_decode", ("3", "{}"), "decode, UTF-8 checked, equal keys counted", 1690, None),
    Row("kernel_decode", ("4", "{}"), "decode, six keys read", 1630, None),
    Row("kernel_decode", ("5", "{}"), "a resource for each span", 4874, None),
    Row("kernel_decode", ("6", "{}"), "a resource for each span, its service read", 5095, None),
    Row("kernel_judge", ("{}", "10"), "marks, early look and closing, 10 assertions", 1712, 2300),
    Row("kernel_judge", ("{}", "100"), "marks, early look and closing, 100 assertions", 1916, 3200),
    Row("kernel_judge", ("{}", "1000"), "marks, early look and closing, 1,000 assertions", 2023, None),
    Row("kernel_judge", ("{}", "0"), "ten that judge every span, some traces fail", 1287, None),
)
SPANS = 512  # in each repeat: tests/payloads/http-512.pb


def instructions(program, arguments, repeats):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program,
               *(argument.format(repeats) for argument in arguments)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or not found:
        sys.exit(f"callgrind_gate: {' '.join(command)} failed:\n{run.stdout}{run.stderr}")
    return int(found.group(1))


def per_span(program, arguments):
    more, few = (instructions(program, arguments, repeats) for repeats in (MORE, FEW))
    return (more - few) / ((MORE - FEW) * SPANS)


def compiler():
    """The compiler's name and major version, from the build's cache."""
    with open(os.path.join(os.environ["ASSERTD_BUILD_DIR"], "CMakeCache.txt"), encoding="utf-8") as file:
        path = re.search(r"^CMAKE_C_COMPILER:[A-Z]*=(.*)$", file.read(), re.M).group(1)
    out = subprocess.run([path, "-dM", "-E", "-x", "c", "/dev/null"], capture_output=True, text=True, check=True).stdout
    macros = dict(re.findall(r"^#define (__clang_major__|__GNUC__) (\d+)$", out, re.M))
    return f"clang {macros['__clang_major__']}" if "__clang_major__" in macros else f"gcc {macros.get('__GNUC__')}"


def judge(row, found, recorded_holds):
    """What is wrong with a row's figure, or None."""
    if row.budget is not None and found > row.budget:
        return f"above the budget of {row.budget}"
    if recorded_holds and found > row.recorded * (1 + MARGIN):
        return f"{found / row.recorded - 1:+.1%} against what was recorded (margin {MARGIN:.0%})"
    return None


def main():
    programs = {os.path.basename(path): path for path in sys.argv[1:]}
    if shutil.which("valgrind") is None:
        sys.exit("callgrind_gate: valgrind is missing: apt-get install --no-install-recommends valgrind")
    recorded_holds = compiler() == RECORDED_WITH
    if not recorded_holds:
        print(f"{compiler()} here, recorded with {RECORDED_WITH}: only budgets are held")
    failures = 0
    for row in ROWS:
        found = per_span(programs[row.kernel], row.arguments)
        wrong = judge(row, found, recorded_holds)
        failures += wrong is not None
        budget = f"budget {row.budget}" if row.budget else ""
        print(f"{row.what:<50} {found:8.1f} Ir/span, recorded {row.recorded:7} {budget:<12} {wrong or ''}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
