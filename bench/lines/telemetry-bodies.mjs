/**
 * Bodies of requests to an intake, each with traces of its own: spans as OpenTelemetry sends them, logs as the forwarder
 * sends them to Datadog. A body is made once, and its ids and times are written over for the next, so that making it costs
 * little beside taking it.
 */
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { Random } from "../random.mjs";

const SPANS_A_TRACE = 10;
const ROUTES = ["GET /orders/:id", "POST /orders", "GET /customers/:id", "PUT /basket/:id"];
const SERVICES = ["web", "checkout", "payment", "stock"];

/** Traces of ten spans through four services. Yields the same memory again and again. */
export function* spanBodies(count) {
  const random = new Random(1);
  const traces = count / SPANS_A_TRACE;
  const marks = Array.from({ length: traces }, () => random.hex(24));
  const body = Buffer.from(encode(requestOf(marks, random)));
  // Ids end in a counter, which stands at the same places in all bodies.
  const places = placesOf(body, marks);
  for (let number = 1; ; number++) {
    for (const place of places) body.writeUInt32BE(number, place);
    yield body;
  }
}

function requestOf(marks, random) {
  const groups = SERVICES.map((service) => ({
    resource: {
      attributes: attributesOf({ "service.name": service, "cloud.region": "eu-west-1", "faas.name": service }),
    },
    scopeSpans: [{ scope: { name: "bench" }, spans: [] }],
  }));
  const now = BigInt(Date.now()) * 1_000_000n;
  for (const [at, mark] of marks.entries()) {
    const ids = Array.from({ length: SPANS_A_TRACE }, () => Buffer.from(random.hex(16), "hex"));
    for (const [index, spanId] of ids.entries()) {
      const start = now + BigInt(at * 1000 + index) * 1_000_000n;
      const isError = random.chance(5);
      groups[index % SERVICES.length].scopeSpans[0].spans.push({
        traceId: Buffer.from(`${mark}00000000`, "hex"),
        spanId,
        parentSpanId: index === 0 ? undefined : ids[Math.floor((index - 1) / 2)],
        name: random.pick(ROUTES),
        kind: index === 0 ? 2 : random.between(1, 3),
        startTimeUnixNano: String(start),
        endTimeUnixNano: String(start + BigInt(random.between(1, 500)) * 1_000_000n),
        attributes: attributesOf({
          "http.request.method": "GET",
          "http.route": "/orders/:id",
          "url.full": `https://api.example.com/orders/${random.hex(8)}?page=2`,
          "user_agent.original": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
          "customer.id": `c-${random.between(10_000, 99_999)}`,
          "server.address": "api.example.com",
          "network.protocol.version": "1.1",
          "thread.name": "main",
        }),
        status: isError ? { code: 2, message: "no such order" } : {},
      });
    }
  }
  return { resourceSpans: groups };
}

/** Lines of functions with the ids of a trace in every third. */
export function* logBodies(count) {
  const random = new Random(2);
  const mark = random.hex(24);
  const items = Array.from({ length: count }, (_, at) => itemOf(at, mark, random));
  const body = Buffer.from(JSON.stringify(items));
  const places = [];
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) places.push(at + mark.length);
  for (let number = 1; ; number++) {
    const digits = number.toString(16).padStart(4, "0");
    for (const place of places) body.write(digits, place, "latin1");
    yield body;
  }
}

function itemOf(at, mark, random) {
  const requestId = random.uuid();
  const time = new Date().toISOString();
  const traceId = `${mark}0000${Math.floor(at / 30)
    .toString(16)
    .padStart(4, "0")}`;
  const text = `payment of order o-${random.between(1_000_000, 9_999_999)} took ${random.between(1, 900)} ms`;
  const json = JSON.stringify({
    level: "info",
    time,
    msg: text,
    customer: `c-${random.hex(6)}`,
    route: random.pick(ROUTES),
  });
  return {
    id: `3${random.hex(55)}`,
    timestamp: Date.now(),
    message: at % 2 === 0 ? json : `${time}\t${requestId}\tINFO\t${text}\n`,
    ...(at % 3 === 0 && { dd: { trace_id: traceId, span_id: BigInt(`0x${random.hex(16)}`).toString() } }),
    ddsource: "lambda",
    ddsourcecategory: "aws",
    service: random.pick(SERVICES),
    ddtags: "forwardername:log-trace-forwarder,region:eu-west-1,functionname:checkout",
    host: "arn:aws:lambda:eu-west-1:123456789012:function:checkout",
    aws: { awslogs: { logGroup: "/aws/lambda/checkout", logStream: "2026/11/21/[$LATEST]0", owner: "123456789012" } },
  };
}

function attributesOf(values) {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function placesOf(body, marks) {
  return marks.flatMap((mark) => {
    const bytes = Buffer.from(mark, "hex");
    const places = [];
    for (let at = body.indexOf(bytes); at >= 0; at = body.indexOf(bytes, at + 1)) places.push(at + bytes.length);
    return places;
  });
}

function encode(request) {
  const folder = new URL("../../node_modules/dd-trace/packages/dd-trace/src/opentelemetry/otlp/", import.meta.url);
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => fileURLToPath(new URL(target.split("/").at(-1), folder));
  root.loadSync("trace_service.proto");
  const type = root.lookupType("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest");
  return type.encode(type.fromObject(request)).finish();
}
