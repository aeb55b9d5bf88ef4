import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Sends the fixed set of spans of ../README.md with the Java SDK. */
public final class Client {
    private static final long MILLISECOND = 1_000_000L;

    /** IDs that depend on nothing but the seed and the order of spans. */
    private static final class FixedIds implements IdGenerator {
        private final BigInteger seed;
        private long trace = -1;
        private long span;

        FixedIds(String seed) {
            this.seed = new BigInteger(seed, 16);
        }

        void beginTrace() {
            trace++;
            span = 0;
        }

        @Override
        public String generateTraceId() {
            BigInteger id = seed.add(BigInteger.valueOf(trace)).mod(BigInteger.ONE.shiftLeft(128));
            return String.format("%032x", id);
        }

        @Override
        public String generateSpanId() {
            span++;
            return String.format("%016x", (trace + 1) << 32 | span);
        }
    }

    private final Tracer tracer;
    private final int index;
    private final long base;

    private Client(Tracer tracer, int index, long start) {
        this.tracer = tracer;
        this.index = index;
        this.base = start + index * 1000L * MILLISECOND;
    }

    private SpanBuilder begin(int number, String name, SpanKind kind, Span parent) {
        SpanBuilder builder = tracer.spanBuilder(name).setSpanKind(kind)
                .setStartTimestamp(base + number * 10 * MILLISECOND, NANOSECONDS);
        return parent == null ? builder.setNoParent()
                : builder.setParent(Context.root().with(parent));
    }

    private void end(int number, Span span) {
        span.end(base + number * 11 * MILLISECOND, NANOSECONDS);
    }

    private void event(int number, Span span, String name, Attributes attributes) {
        span.addEvent(name, attributes, base + number * 10 * MILLISECOND + MILLISECOND / 2,
                NANOSECONDS);
    }

    private Span root() {
        return begin(1, "POST /orders", SpanKind.SERVER, null)
                .setAttribute("http.request.method", "POST")
                .setAttribute("http.response.status_code", 200L)
                .setAttribute("order.index", (long) index)
                .setAttribute("order.total", 12.5)
                .setAttribute("order.express", true)
                .setAttribute("order.gift", false)
                .setAttribute("order.balance", -42L)
                .setAttribute("order.large", 9007199254740991L)
                .setAttribute("order.tiny", 5.5e-8)
                .setAttribute("order.huge", 1500000000000000.5)
                .setAttribute(AttributeKey.stringArrayKey("order.tags"), java.util.List.of("a", "b"))
                .setAttribute(AttributeKey.longArrayKey("order.quantities"),
                        java.util.List.of(1L, 2L, 3L))
                .setAttribute(AttributeKey.doubleArrayKey("order.weights"),
                        java.util.List.of(0.5, 1.5))
                .setAttribute(AttributeKey.booleanArrayKey("order.flags"),
                        java.util.List.of(true, false))
                .setAttribute(AttributeKey.stringArrayKey("order.none"), java.util.List.of())
                .setAttribute("text.unicode", "grün ✓ 😀")
                .setAttribute("text.empty", "")
                .setAttribute("text.quotes", "a \"b\" 'c' \\ \t\n")
                .startSpan();
    }

    private void send() {
        Span root = root();
        event(1, root, "order.accepted", Attributes.builder().put("queue.depth", 3)
                .put("note", "ok").build());
        Span validate = begin(2, "validate", SpanKind.INTERNAL, root)
                .setAttribute("attempt", 1L).startSpan();
        validate.setStatus(StatusCode.OK);
        end(2, validate);
        Span insert = begin(3, "INSERT orders", SpanKind.CLIENT, root)
                .setAttribute("db.operation.name", "INSERT")
                .setAttribute("db.collection.name", "orders")
                .setAttribute("db.rows", 1L).startSpan();
        end(3, insert);
        Span send = begin(4, "send orders", SpanKind.PRODUCER, root)
                .setAttribute("messaging.destination.name", "orders").startSpan();
        Span process = begin(5, "process orders", SpanKind.CONSUMER, send)
                .setAttribute("messaging.destination.name", "orders")
                .addLink(root.getSpanContext(), Attributes.builder().put("why", "batch").build())
                .startSpan();
        if (index % 4 == 3) {
            event(5, process, "exception", Attributes.builder().put("exception.type", "Boom")
                    .put("exception.message", "boom").build());
            process.setStatus(StatusCode.ERROR, "boom");
        }
        end(5, process);
        end(4, send);
        end(1, root);
    }

    private static SpanExporter exporter(Map<String, String> options) {
        String endpoint = options.get("--endpoint");
        String compression = options.getOrDefault("--compression", "none");
        return options.get("--protocol").equals("grpc")
                ? OtlpGrpcSpanExporter.builder().setEndpoint(endpoint)
                        .setCompression(compression).build()
                : OtlpHttpSpanExporter.builder().setEndpoint(endpoint + "/v1/traces")
                        .setCompression(compression).build();
    }

    public static void main(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        FixedIds ids = new FixedIds(options.get("--seed-trace"));
        SdkTracerProvider provider = SdkTracerProvider.builder()
                .setIdGenerator(ids)
                .setResource(Resource.getDefault().merge(Resource.create(Attributes.builder()
                        .put("service.name", options.getOrDefault("--service", "shop")).build())))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter(options)).build())
                .build();
        Tracer tracer = provider.tracerBuilder("assertd-e2e").setInstrumentationVersion("1.0").build();
        int traces = Integer.parseInt(options.getOrDefault("--traces", "8"));
        long start = Long.parseLong(options.getOrDefault("--start", "1767225600000000000"));
        for (int index = 0; index < traces; index++) {
            ids.beginTrace();
            new Client(tracer, index, start).send();
        }
        provider.shutdown().join(30, TimeUnit.SECONDS);
    }
}
