// A program with OpenTelemetry's SDK and the exporter for stdout. What it recorded goes to stderr, as JSON.
//   node otlp-stdout-program.cjs <simple|batch>
const { SpanKind, SpanStatusCode, context, trace } = require("@opentelemetry/api");
const { BatchSpanProcessor, NodeTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-node");
const { OTLPStdoutSpanExporter } = require("@dev7a/otlp-stdout-span-exporter");

const recorded = [];
const exporter = new OTLPStdoutSpanExporter();
const processor = process.argv[2] === "batch" ? new BatchSpanProcessor(exporter) : new SimpleSpanProcessor(exporter);
const recorder = {
  onStart() {},
  onEnd: (span) => void recorded.push(span),
  forceFlush: async () => {},
  shutdown: async () => {},
};
const provider = new NodeTracerProvider({ spanProcessors: [recorder, processor] });
provider.register();
const tracer = trace.getTracer("orders", "1.2.3");

const root = tracer.startSpan("invoke", {
  kind: SpanKind.SERVER,
  attributes: { "faas.invocation_id": process.env.REQUEST_ID, "faas.coldstart": true },
});
const within = trace.setSpan(context.active(), root);
const child = tracer.startSpan(
  "GET",
  { kind: SpanKind.CLIENT, attributes: { list: ["a", "b"], ratio: 0.5, n: 42 } },
  within,
);
child.addEvent("cache.miss", { key: "o-42" });
child.recordException(new TypeError("card declined: café"));
child.setStatus({ code: SpanStatusCode.ERROR, message: "card declined: café" });
child.end();
tracer.startSpan("later", { links: [{ context: child.spanContext(), attributes: { why: "retry" } }] }, within).end();
root.end();

provider.forceFlush().then(() => {
  const nano = ([seconds, nanos]) => String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
  process.stderr.write(
    JSON.stringify(
      recorded.map((span) => ({
        traceId: span.spanContext().traceId,
        spanId: span.spanContext().spanId,
        parentSpanId: span.parentSpanContext?.spanId ?? "",
        name: span.name,
        kind: span.kind + 1,
        startTimeUnixNano: nano(span.startTime),
        endTimeUnixNano: nano(span.endTime),
        attributes: span.attributes,
        events: span.events.map(({ name, time, attributes }) => ({ name, timeUnixNano: nano(time), attributes })),
        links: span.links.map(({ context, attributes }) => ({ spanId: context.spanId, attributes })),
        status: { code: span.status.code, message: span.status.message ?? "" },
      })),
    ),
  );
});
