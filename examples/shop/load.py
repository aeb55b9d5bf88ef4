"""Injects orders at a rate, each with a trace context of its own, and tells assertd about them.

Variant `api`: a record of each request, with what the generator saw of it, goes to
POST {ASSERTD_API}/api/campaigns/{ASSERTD_CAMPAIGN}/injections, as lines of JSON.
Variant `tracestate`: nothing is registered; each request carries
`tracestate: assertd=CAMPAIGN/SCENARIO/STEP`, and the services hand it on with the trace.

What was seeded to go wrong is written to a file of its own (--truth): numbers and trace IDs.
"""
import argparse
import asyncio
import json
import os
import random
import secrets
import sys
import time
from urllib.parse import quote

import aiohttp

import faults

SCENARIO = "checkout"
STEP = "import order"
REGISTER_SECONDS = 0.25
REGISTER_ATTEMPTS = 20
ITEMS = ("teapot", "kettle", "strainer", "two cups", "oolong, 100 g")


class Injections:
    """Registers injection records in batches, from a task of its own: it delays no request."""

    def __init__(self, session, base, campaign):
        self.session = session
        self.url = f"{base.rstrip('/')}/api/campaigns/{quote(campaign, safe='')}/injections"
        self.pending = []

    async def send_now_and_then(self):
        """Sends what has come together, until cancelled."""
        while True:
            await asyncio.sleep(REGISTER_SECONDS)
            await self.send()

    async def send(self):
        """Sends all pending records; RuntimeError if assertd does not take each of them."""
        batch, self.pending = self.pending, []
        if not batch:
            return
        body = "".join(json.dumps(record) + "\n" for record in batch).encode()
        answer = await self._post(body)
        if answer["accepted"] != len(batch) or answer["rejected"]:
            raise RuntimeError(f"{answer['accepted']} of {len(batch)} injections were accepted: "
                               f"{answer['rejected'][:3]}")

    async def _post(self, body):
        headers = {"content-type": "application/x-ndjson"}
        for _ in range(REGISTER_ATTEMPTS):
            async with self.session.post(self.url, data=body, headers=headers) as response:
                if response.status == 200:
                    return await response.json(content_type=None)
                if response.status not in (429, 503):
                    raise RuntimeError(f"{self.url}: {response.status} {await response.text()}")
                await asyncio.sleep(float(response.headers.get("retry-after", 1)))
        raise RuntimeError(f"{self.url}: refused {REGISTER_ATTEMPTS} times")


class Load:
    def __init__(self, session, arguments, injections):
        self.session = session
        self.url = f"{arguments.url.rstrip('/')}/import"
        self.injections = injections
        self.tracestate = None
        self.random = random.Random(arguments.seed)
        self.sent = {}
        self.refused = 0

    async def order(self, number):
        """Sends one order under a new trace."""
        trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
        self.sent[number] = trace_id
        headers = {"traceparent": f"00-{trace_id}-{span_id}-01"}
        if self.tracestate:
            headers["tracestate"] = self.tracestate
        order = {"number": number, "item": self.random.choice(ITEMS),
                 "quantity": self.random.randint(1, 5)}
        record = {"trace_id": trace_id, "span_id": span_id, "time_unix_nano": str(time.time_ns()),
                  "scenario": SCENARIO, "step": STEP, "iteration": number,
                  "attributes": {"order.number": number}}
        await self._send(order, headers, record)
        if self.injections:
            self.injections.pending.append(record)

    async def _send(self, order, headers, record):
        """Posts the order and completes the record by what came back."""
        began = time.monotonic_ns()
        try:
            async with self.session.post(self.url, json=order, headers=headers) as answer:
                await answer.read()
                record["status"] = answer.status
                record["outcome"] = "ok" if answer.status < 400 else "error"
        except aiohttp.ClientConnectorError:
            record["outcome"] = "not_sent"
        except (aiohttp.ClientError, asyncio.TimeoutError):
            record["outcome"] = "error"
        record["duration_ns"] = str(time.monotonic_ns() - began)
        self.refused += record["outcome"] != "ok"

    async def all(self, orders, rate):
        """Sends orders 1 to `orders` at their times, however long the answers take."""
        start = time.monotonic()
        async with asyncio.TaskGroup() as requests:
            for number in range(1, orders + 1):
                await asyncio.sleep(start + number / rate - time.monotonic())
                requests.create_task(self.order(number))


def truth(arguments, sent):
    """What assertd must find: for each fault the orders that it struck, and their traces."""
    plan = faults.parse(arguments.seed, arguments.faults)
    struck = {kind: [] for kind in faults.KINDS}
    for number in sorted(sent):
        fault = plan.fault_of(number)
        if fault:
            struck[fault].append(number)
    return {
        "seed": arguments.seed, "variant": arguments.variant, "orders": len(sent),
        "campaign": os.environ["ASSERTD_CAMPAIGN"],
        "faults": {kind: {"count": len(numbers), "orders": numbers,
                          "trace_ids": [sent[number] for number in numbers]}
                   for kind, numbers in struck.items()},
    }


async def run(arguments):
    """Injects the load; returns how many requests did not get their 200."""
    campaign = os.environ["ASSERTD_CAMPAIGN"]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        injections = None
        if arguments.variant == "api":
            injections = Injections(session, os.environ["ASSERTD_API"], campaign)
        load = Load(session, arguments, injections)
        if arguments.variant == "tracestate":
            member = "/".join(quote(part, safe="") for part in (campaign, SCENARIO, STEP))
            load.tracestate = f"assertd={member}"
        await _with_registration(load, arguments, injections)
    with open(arguments.truth, "w", encoding="utf-8") as file:
        json.dump(truth(arguments, load.sent), file, indent=1)
    print(f"load: {len(load.sent)} orders sent, {load.refused} refused", file=sys.stderr)
    return load.refused


async def _with_registration(load, arguments, injections):
    if injections is None:
        await load.all(arguments.orders, arguments.rate)
        return
    sending = asyncio.create_task(injections.send_now_and_then())
    requests = asyncio.create_task(load.all(arguments.orders, arguments.rate))
    await asyncio.wait((sending, requests), return_when=asyncio.FIRST_COMPLETED)
    if not sending.done():
        sending.cancel()
    else:
        requests.cancel()
        sending.result()
    await requests
    await asyncio.gather(sending, return_exceptions=True)
    await injections.send()


def add_arguments(parser):
    """Adds what describes the load to a command line; shop.py takes the same."""
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100, help="orders a second")
    parser.add_argument("--variant", choices=("api", "tracestate"), default="api")
    faults.add_arguments(parser)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="where the shop's API is")
    parser.add_argument("--truth", required=True, metavar="FILE")
    add_arguments(parser)
    try:
        sys.exit(1 if asyncio.run(run(parser.parse_args())) else 0)
    except (RuntimeError, aiohttp.ClientError) as problem:
        sys.exit(f"load: {problem}")
