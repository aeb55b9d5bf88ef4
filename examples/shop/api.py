"""shop-api: takes an order and answers 200 at once; the work is left to the queue.

That is what makes it interesting to judge: everything that can go wrong happens after the 200.
"""
import argparse
import json

import redis.asyncio as redis
from aiohttp import web
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import SpanKind, Status, StatusCode

import serving
import telemetry

QUEUE = "orders"


class Api:
    def __init__(self, tracer, queue):
        self.tracer = tracer
        self.queue = queue

    async def import_order(self, request):
        """POST /import: one order as JSON, with at least its `number` and `quantity`."""
        attributes = {"http.request.method": "POST", "http.route": "/import",
                      "url.path": request.path, "url.scheme": request.scheme}
        with self.tracer.start_as_current_span(
                "POST /import", context=extract(request.headers), kind=SpanKind.SERVER,
                attributes=attributes) as span:
            status, answer = await self._accept(request, span)
            span.set_attribute("http.response.status_code", status)
            if status >= 500:
                span.set_status(Status(StatusCode.ERROR, answer["error"]))
            return web.json_response(answer, status=status)

    async def _accept(self, request, span):
        try:
            order = json.loads(await request.read())
            span.set_attribute("order.number", int(order["number"]))
        except (ValueError, KeyError, TypeError):
            return 400, {"error": "the body must be an order as JSON, with a number"}
        try:
            await self._publish(order)
        except redis.RedisError:
            return 503, {"error": "the queue does not answer"}
        return 200, {"accepted": order["number"]}

    async def _publish(self, order):
        attributes = {"messaging.system": "redis", "messaging.destination.name": QUEUE,
                      "messaging.operation.name": "publish", "messaging.operation.type": "send"}
        with self.tracer.start_as_current_span(
                "orders publish", kind=SpanKind.PRODUCER, attributes=attributes):
            context = {}
            inject(context)
            await self.queue.rpush(QUEUE, json.dumps({"order": order, "context": context}))


async def serve(arguments):
    stop = serving.stop_requested()
    tracer = telemetry.start("shop-api")
    async with redis.from_url(arguments.redis) as queue:
        app = web.Application()
        app.router.add_post("/import", Api(tracer, queue).import_order)
        runner = await serving.listen(app, arguments.host, arguments.port)
        await stop.wait()
        await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--redis", required=True, metavar="URL")
    serving.add_arguments(parser)
    serving.main(serve(parser.parse_args()))
