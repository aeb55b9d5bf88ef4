"""shop-notifier: sends the mail that tells a customer that an order is in work."""
import argparse
import json

from aiohttp import web
from opentelemetry.propagate import extract
from opentelemetry.trace import SpanKind

import serving
import telemetry


class Notifier:
    def __init__(self, tracer, outbox):
        self.tracer = tracer
        self.outbox = outbox

    async def notify(self, request):
        """POST /notify: an order as JSON."""
        attributes = {"http.request.method": "POST", "http.route": "/notify",
                      "url.path": request.path, "url.scheme": request.scheme}
        with self.tracer.start_as_current_span(
                "POST /notify", context=extract(request.headers), kind=SpanKind.SERVER,
                attributes=attributes) as span:
            self._send(json.loads(await request.read()))
            span.set_attribute("http.response.status_code", 204)
            return web.Response(status=204)

    def _send(self, order):
        """Sends one mail; here into the outbox, a line for each."""
        with self.tracer.start_as_current_span(
                "send mail", attributes={"mail.template": "order in work"}):
            self.outbox.write(json.dumps({"order": order["number"]}) + "\n")


async def serve(arguments):
    stop = serving.stop_requested()
    tracer = telemetry.start("shop-notifier")
    with open(arguments.outbox, "w", encoding="utf-8") as outbox:
        app = web.Application()
        app.router.add_post("/notify", Notifier(tracer, outbox).notify)
        runner = await serving.listen(app, arguments.host, arguments.port)
        await stop.wait()
        await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outbox", required=True, metavar="FILE")
    serving.add_arguments(parser)
    serving.main(serve(parser.parse_args()))
