"""python3 -m tests.oracle --config F [--injections F] [--campaign KEY] TRACES…: prints the comparable report."""

import argparse
import json
import sys

from . import injections, otlp, suites, traces
from .report import Run


def run_files(config_path, trace_paths, injections_path=None, key=None):
    """A Run over files; raises suites.ConfigError."""
    config = suites.read_file(config_path)
    collected = traces.Traces(config.max_spans)
    collected.add(otlp.read_files(trace_paths))
    records = injections.read_file(injections_path) if injections_path else None
    return Run(config, collected, records, key)


def main():
    """The command."""
    parser = argparse.ArgumentParser(prog="tests.oracle")
    parser.add_argument("--config", required=True)
    parser.add_argument("--injections")
    parser.add_argument("--campaign")
    parser.add_argument("traces", nargs="+")
    arguments = parser.parse_args()
    try:
        run = run_files(arguments.config, arguments.traces, arguments.injections, arguments.campaign)
    except suites.ConfigError as problem:
        print(problem, file=sys.stderr)
        return 2
    json.dump(run.report(), sys.stdout, indent=1)
    print()
    return run.exit_code()


if __name__ == "__main__":
    sys.exit(main())
