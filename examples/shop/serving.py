"""What the three services share: a free port, one line that tells it, and a graceful stop.

The first line on standard output is `ready`, followed by the base URL where the service has one.
SIGTERM and SIGINT ask it to finish what it has taken, send its spans and leave with 0.
"""
import asyncio
import signal

from aiohttp import web

import telemetry


def stop_requested():
    """Returns an event that SIGTERM or SIGINT sets."""
    event = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, event.set)
    return event


async def listen(app, host, port):
    """Serves `app` and says where; port 0 takes a free one. The caller cleans the runner up."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    bound = site._server.sockets[0].getsockname()[1]
    print(f"ready http://{host}:{bound}", flush=True)
    return runner


def add_arguments(parser):
    """Adds --host and --port to a command line."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (default) takes a free one")


def main(service):
    """Runs the coroutine `service` to its end, then sends the spans that are left."""
    try:
        asyncio.run(service)
    finally:
        telemetry.stop()
