/**
 * A shop that answers at once and does the work behind: what the tests of this folder look into.
 *
 * Sends its spans to $OTEL_EXPORTER_OTLP_ENDPOINT as OTLP/JSON. A real one would use OpenTelemetry's SDK.
 */
'use strict';

const http = require('node:http');
const { randomBytes } = require('node:crypto');

const KINDS = { server: 2, client: 3, consumer: 5 };

function valueOf(plain) {
  if (typeof plain === 'boolean') return { boolValue: plain };
  if (Number.isInteger(plain)) return { intValue: plain };
  return typeof plain === 'number' ? { doubleValue: plain } : { stringValue: plain };
}

const attributesOf = (plain) => Object.entries(plain).map(([key, value]) => ({ key, value: valueOf(value) }));

/** Sends one span, and returns its ID. */
async function exportSpan(service, name, kind, traceId, parentSpanId, attributes) {
  const start = BigInt(Date.now()) * 1000000n;
  const span = {
    traceId, parentSpanId, name, kind: KINDS[kind], spanId: randomBytes(8).toString('hex'),
    startTimeUnixNano: String(start), endTimeUnixNano: String(start + 1000000n), attributes: attributesOf(attributes),
  };
  const body = { resourceSpans: [{
    resource: { attributes: attributesOf({ 'service.name': service }) },
    scopeSpans: [{ scope: { name: 'shop' }, spans: [span] }],
  }] };
  const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT || 'http://127.0.0.1:4318';
  const answer = await fetch(`${endpoint}/v1/traces`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
  return span.spanId;
}

async function work(traceId, parent, order) {
  const request = await exportSpan('shop-api', 'POST /orders', 'server', traceId, parent, { 'http.response.status_code': 200 });
  const processed = await exportSpan('shop-worker', 'process order', 'consumer', traceId, request, { 'order.id': order.id });
  for (const item of order.items) {
    await exportSpan('shop-worker', 'INSERT items', 'client', traceId, processed, {
      'db.system.name': 'redis', 'item.name': item, 'item.price': 2.5, 'item.gift': false,
    });
  }
}

/** POST /orders with {"id": 7, "items": ["a", "b"]}. */
class Shop {
  async open() {
    this.server = http.createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const [, traceId, parent] = request.headers.traceparent.split('-');
      response.end();
      this.working = work(traceId, parent, JSON.parse(Buffer.concat(chunks)));
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.url = `http://127.0.0.1:${this.server.address().port}/orders`;
    return this;
  }

  async close() {
    await this.working;
    this.server.closeAllConnections();
    await new Promise((resolve) => { this.server.close(resolve); });
  }
}

module.exports = { Shop };
