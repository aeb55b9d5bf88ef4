"""The whole shop for the length of one load: Redis, three services, the load; then all stop.

This is the COMMAND that `assertd run` starts. Nothing but Redis knows a fixed name: it listens on
a socket in a folder of its own, the services take free ports and tell them. At the end they stop
in the order of the data's path, so that each finishes what the one before has left it.
"""
import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile

import redis.asyncio as redis

import load

HERE = os.path.dirname(os.path.abspath(__file__))
READY_SECONDS = 60
STOP_SECONDS = 60


class Failed(Exception):
    """A part of the shop did not start, or did not end well; the text says which and how."""


class Process:
    """A child process: a service, Redis, or the load."""

    def __init__(self, name, child):
        self.name = name
        self.child = child

    @classmethod
    async def start(cls, name, *command):
        """Starts a command whose errors go where ours go."""
        child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        return cls(name, child)

    async def ready(self):
        """Waits for the line `ready [URL]` and returns the URL."""
        line = await asyncio.wait_for(self.child.stdout.readline(), READY_SECONDS)
        word, _, url = line.decode().strip().partition(" ")
        if word != "ready":
            raise Failed(f"{self.name} did not start")
        return url

    async def stop(self):
        """Asks it to end and waits; Failed if it does not end with 0."""
        if self.child.returncode is None:
            self.child.send_signal(signal.SIGTERM)
        await self.ended()

    async def ended(self, seconds=STOP_SECONDS):
        code = await asyncio.wait_for(self.child.wait(), seconds)
        if code:
            raise Failed(f"{self.name} ended with {code}")

    def kill(self):
        if self.child.returncode is None:
            self.child.kill()


class Shop:
    """Everything that runs; `processes` are those to end if anything goes wrong."""

    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.redis_url = f"unix://{folder}/redis.sock"
        self.processes = []

    async def _start(self, name, *command):
        process = await Process.start(name, *command)
        self.processes.append(process)
        return process

    async def _service(self, name, *options):
        return await self._start(
            f"shop-{name}", sys.executable, os.path.join(HERE, f"{name}.py"), *options)

    async def _start_redis(self):
        server = await self._start(
            "redis-server", "redis-server", "--port", "0", "--dir", self.folder, "--save", "",
            "--unixsocket", f"{self.folder}/redis.sock", "--logfile", f"{self.folder}/redis.log")
        async with redis.from_url(self.redis_url) as client:
            for _ in range(READY_SECONDS * 20):
                with contextlib.suppress(redis.ConnectionError, FileNotFoundError):
                    await client.ping()
                    return server
                await asyncio.sleep(0.05)
        raise Failed("redis-server did not start")

    def _seeds(self):
        return ("--seed", str(self.arguments.seed), "--faults", self.arguments.faults)

    async def _start_all(self):
        """Returns the processes in the order of the data's path, and the API's URL."""
        out = self.arguments.out
        server = await self._start_redis()
        notifier = await self._service("notifier", "--outbox", f"{out}/mails.jsonl")
        api = await self._service("api", "--redis", self.redis_url)
        worker = await self._service(
            "worker", "--redis", self.redis_url, "--notifier", await notifier.ready(),
            "--database", f"{out}/orders.db", *self._seeds())
        await worker.ready()
        return (api, worker, notifier, server), await api.ready()

    async def _load(self, url):
        options = self.arguments
        generator = await self._start(
            "load", sys.executable, os.path.join(HERE, "load.py"), "--url", url,
            "--truth", f"{options.out}/truth.json", "--orders", str(options.orders),
            "--rate", str(options.rate), "--variant", options.variant, *self._seeds())
        await generator.ended(seconds=None)

    async def run(self):
        """Starts, loads, stops."""
        services, url = await self._start_all()
        say(f"api on {url}, {self.arguments.orders} orders at {self.arguments.rate:g}/s follow")
        await self._load(url)
        say("all orders sent; the services finish their work and send their last spans")
        for process in services:
            await process.stop()
        say("stopped")

    async def clear(self):
        """Ends what still runs."""
        for process in self.processes:
            process.kill()
        await asyncio.gather(*(process.child.wait() for process in self.processes))


def say(text):
    print(f"shop: {text}", file=sys.stderr, flush=True)


async def main(arguments):
    """Returns the exit code: 0 only if every part ended well."""
    if shutil.which("redis-server") is None:
        say("redis-server is missing: apt-get install --no-install-recommends redis-server")
        return 1
    task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    os.makedirs(arguments.out, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.remove(f"{arguments.out}/orders.db")
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        shop = Shop(arguments, folder)
        try:
            await shop.run()
        except (Failed, asyncio.TimeoutError, asyncio.CancelledError) as problem:
            say(f"failed: {str(problem) or type(problem).__name__}")
            return 1
        finally:
            await shop.clear()
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, metavar="FOLDER",
                        help="gets truth.json, orders.db and mails.jsonl")
    load.add_arguments(parser)
    sys.exit(asyncio.run(main(parser.parse_args())))
