// Sends the fixed set of spans of ../README.md with the JavaScript SDK.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes, defaultResource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';

const EXPORTERS = { grpc: GrpcExporter, 'http/json': JsonExporter, 'http/protobuf': ProtobufExporter };
const MILLISECOND = 1_000_000n;
const BILLION = 1_000_000_000n;

// IDs that depend on nothing but the seed and the order of spans.
class FixedIds {
  constructor(seed) {
    this.seed = BigInt('0x' + seed);
    this.trace = -1n;
    this.span = 0n;
  }
  beginTrace() {
    this.trace += 1n;
    this.span = 0n;
  }
  generateTraceId = () => BigInt.asUintN(128, this.seed + this.trace).toString(16).padStart(32, '0');
  generateSpanId = () => {
    this.span += 1n;
    return ((this.trace + 1n << 32n) | this.span).toString(16).padStart(16, '0');
  };
}

function time(nanoseconds) {
  return [Number(nanoseconds / BILLION), Number(nanoseconds % BILLION)];
}

function sendTrace(tracer, index, start) {
  const base = start + BigInt(index) * 1000n * MILLISECOND;
  const begun = (number) => base + BigInt(number) * 10n * MILLISECOND;
  const begin = (number, name, kind, parent, attributes, links) => tracer.startSpan(
    name, { kind, attributes, links, startTime: time(begun(number)), root: !parent },
    parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);
  const end = (number, span) => span.end(time(base + BigInt(number) * 11n * MILLISECOND));
  const event = (number, span, name, attributes) =>
    span.addEvent(name, attributes, time(begun(number) + MILLISECOND / 2n));

  const root = begin(1, 'POST /orders', SpanKind.SERVER, null, {
    'http.request.method': 'POST', 'http.response.status_code': 200, 'order.index': index,
    'order.total': 12.5, 'order.express': true, 'order.gift': false, 'order.balance': -42,
    'order.large': Number.MAX_SAFE_INTEGER, 'order.tiny': 5.5e-8, 'order.huge': 1500000000000000.5,
    'order.tags': ['a', 'b'], 'order.quantities': [1, 2, 3], 'order.weights': [0.5, 1.5],
    'order.flags': [true, false], 'order.none': [], 'text.unicode': 'grün ✓ 😀',
    'text.empty': '', 'text.quotes': 'a "b" \'c\' \\ \t\n',
  });
  event(1, root, 'order.accepted', { 'queue.depth': 3, note: 'ok' });
  const validate = begin(2, 'validate', SpanKind.INTERNAL, root, { attempt: 1 });
  validate.setStatus({ code: SpanStatusCode.OK });
  end(2, validate);
  const insert = begin(3, 'INSERT orders', SpanKind.CLIENT, root,
    { 'db.operation.name': 'INSERT', 'db.collection.name': 'orders', 'db.rows': 1 });
  end(3, insert);
  const send = begin(4, 'send orders', SpanKind.PRODUCER, root,
    { 'messaging.destination.name': 'orders' });
  const process = begin(5, 'process orders', SpanKind.CONSUMER, send,
    { 'messaging.destination.name': 'orders' },
    [{ context: root.spanContext(), attributes: { why: 'batch' } }]);
  if (index % 4 === 3) {
    event(5, process, 'exception', { 'exception.type': 'Boom', 'exception.message': 'boom' });
    process.setStatus({ code: SpanStatusCode.ERROR, message: 'boom' });
  }
  end(5, process);
  end(4, send);
  end(1, root);
}

const options = { '--traces': '8', '--start': '1767225600000000000', '--service': 'shop' };
for (let i = 2; i + 1 < process.argv.length; i += 2) {
  options[process.argv[i]] = process.argv[i + 1];
}
process.env.OTEL_EXPORTER_OTLP_ENDPOINT = options['--endpoint'];
process.env.OTEL_EXPORTER_OTLP_COMPRESSION = options['--compression'] ?? 'none';

const ids = new FixedIds(options['--seed-trace']);
const provider = new NodeTracerProvider({
  idGenerator: ids,
  resource: defaultResource().merge(resourceFromAttributes({ 'service.name': options['--service'] })),
  spanProcessors: [new BatchSpanProcessor(new EXPORTERS[options['--protocol']]())],
});
const tracer = provider.getTracer('assertd-e2e', '1.0');
for (let index = 0; index < Number(options['--traces']); index += 1) {
  ids.beginTrace();
  sendTrace(tracer, index, BigInt(options['--start']));
}
await provider.shutdown();
