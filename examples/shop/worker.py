"""shop-worker: takes orders from the queue, writes a record, has a mail sent.

The faults live here, all of them behind the API's 200. Each is something that real workers do:
take a message and die with it, come to it too late, swallow an exception, run twice.
"""
import argparse
import asyncio
import json
import sqlite3

import aiohttp
import redis.asyncio as redis
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import SpanKind, Status, StatusCode

import faults
import serving
import telemetry

QUEUE = "orders"
LATE_SECONDS = 3.0
"""How long a late order lies about: past the 2 s that the suite allows."""

CONCURRENCY = 32
SCHEMA = "CREATE TABLE IF NOT EXISTS orders (number INTEGER NOT NULL, quantity INTEGER NOT NULL)"


class Orders:
    """The table of orders. Writes block the loop for microseconds: SQLite in the same process."""

    def __init__(self, tracer, path):
        self.tracer = tracer
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = OFF")
        self.database.execute(SCHEMA)

    def insert(self, number, quantity):
        """Writes one record; sqlite3.Error if the table refuses it."""
        attributes = {"db.system.name": "sqlite", "db.collection.name": "orders",
                      "db.operation.name": "INSERT"}
        with self.tracer.start_as_current_span(
                "INSERT orders", kind=SpanKind.CLIENT, attributes=attributes):
            self.database.execute("INSERT INTO orders VALUES (?, ?)", (number, quantity))

    def close(self):
        self.database.close()


class Worker:
    def __init__(self, tracer, orders, session, arguments):
        self.tracer = tracer
        self.orders = orders
        self.session = session
        self.notifier = arguments.notifier
        self.plan = faults.parse(arguments.seed, arguments.faults)
        self.slots = asyncio.Semaphore(CONCURRENCY)
        self.busy = set()

    async def take_all(self, queue, stop):
        """Takes messages until `stop` is set and the queue is empty, then finishes what it has."""
        while True:
            taken = await queue.blpop([QUEUE], timeout=0.2)
            if taken:
                task = asyncio.create_task(self._handle(json.loads(taken[1])))
                self.busy.add(task)
                task.add_done_callback(self.busy.discard)
            elif stop.is_set():
                break
        await asyncio.gather(*self.busy)

    async def _handle(self, message):
        fault = self.plan.fault_of(message["order"]["number"])
        if fault == "drop":
            return
        if fault == "late":
            await asyncio.sleep(LATE_SECONDS)
        async with self.slots:
            await self._process(message, fault)

    async def _process(self, message, fault):
        order = message["order"]
        attributes = {"messaging.system": "redis", "messaging.destination.name": QUEUE,
                      "messaging.operation.name": "process", "messaging.operation.type": "process",
                      "order.number": order["number"]}
        with self.tracer.start_as_current_span(
                "orders process", context=extract(message["context"]), kind=SpanKind.CONSUMER,
                attributes=attributes):
            self._store(order, fault)
            await self._notify(order)

    def _store(self, order, fault):
        quantity = None if fault == "error" else order["quantity"]
        try:
            self.orders.insert(order["number"], quantity)
            if fault == "double":
                self.orders.insert(order["number"], quantity)
        except sqlite3.Error:
            pass  # swallowed: the order is lost, the mail goes out, the caller heard 200 long ago

    async def _notify(self, order):
        attributes = {"http.request.method": "POST", "url.full": f"{self.notifier}/notify"}
        with self.tracer.start_as_current_span(
                "POST /notify", kind=SpanKind.CLIENT, attributes=attributes) as span:
            headers = {}
            inject(headers)
            async with self.session.post(
                    f"{self.notifier}/notify", json=order, headers=headers) as answer:
                span.set_attribute("http.response.status_code", answer.status)
                if answer.status >= 400:
                    span.set_status(Status(StatusCode.ERROR))


async def serve(arguments):
    stop = serving.stop_requested()
    tracer = telemetry.start("shop-worker")
    orders = Orders(tracer, arguments.database)
    async with redis.from_url(arguments.redis) as queue, aiohttp.ClientSession() as session:
        worker = Worker(tracer, orders, session, arguments)
        print("ready", flush=True)
        await worker.take_all(queue, stop)
    orders.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--redis", required=True, metavar="URL")
    parser.add_argument("--notifier", required=True, metavar="URL")
    parser.add_argument("--database", required=True, metavar="FILE", help="SQLite, made if absent")
    faults.add_arguments(parser)
    serving.main(serve(parser.parse_args()))
