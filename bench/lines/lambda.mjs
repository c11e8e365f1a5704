/**
 * Log lines of a Lambda function: START, some lines, END and REPORT for each request. Of the lines between, 55 % are
 * JSON application logs, 40 % the Node runtime's tab-separated text, 5 % Datadog metrics. Lines that the runtime writes
 * end in a line feed, lines that a program writes to stdout by itself do not.
 */

export const LAMBDA_GROUP = "/aws/lambda/checkout-api";

const SERVICE = { service: "checkout", version: "2.14.0", env: "prod" };
const PRODUCTS = ["latte", "flat-white", "espresso", "filter", "cold-brew", "mocha"];
const ROUTES = ["GET /orders/:id", "POST /orders", "GET /customers/:id", "PUT /basket/:id", "GET /products"];
const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
  "coffee-app/7.2.0 (Android 16; Pixel 9) okhttp/4.12.0",
];
const TABLES = ["orders", "customers", "products", "baskets", "payments"];

/**
 * @param {import("../random.mjs").Random} random
 * @param {{nowMs: number}} clock moves on as lines are written
 * @param {{linesPerRequest: [number, number]}} shape
 */
export function* lambdaLines(random, clock, { linesPerRequest: [min, max] }) {
  for (;;) {
    const request = aRequest(random, clock);
    yield startLine(request);
    for (let left = random.between(min, max); left > 0; left--) {
      clock.nowMs += random.chance(40) ? 0 : random.between(1, 12);
      yield { message: appLine(random, clock, request) };
    }
    yield endLine(request);
    yield reportLine(random, clock, request);
    clock.nowMs += random.between(1, 40);
  }
}

/** One invocation: its request id, and its trace in the forms that logs have it in. */
export function aRequest(random, clock) {
  const low = random.hex(16);
  const tid = `${Math.floor(clock.nowMs / 1000).toString(16)}00000000`;
  return {
    id: random.uuid(),
    startMs: clock.nowMs,
    /** 16 hexadecimal digits: the trace's low half and the root span's id. */
    low,
    tid,
    decimal: BigInt(`0x${low}`).toString(),
    /** Decimal ids of the spans that logs are written in. */
    spans: [low, random.hex(16), random.hex(16)].map((id) => BigInt(`0x${id}`).toString()),
    customer: `c-${random.between(10_000, 99_999)}`,
    order: `o-${random.between(1_000_000, 9_999_999)}`,
  };
}

export function startLine({ id }) {
  return { message: `START RequestId: ${id} Version: $LATEST\n` };
}

export function endLine({ id }) {
  return { message: `END RequestId: ${id}\n` };
}

/** The last line of a request. */
export function reportLine(random, clock, { id, startMs }) {
  const hundredths = (clock.nowMs - startMs) * 100 + random.between(1, 99);
  const duration = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
  const used = random.between(112, 131);
  return {
    message: `REPORT RequestId: ${id}\tDuration: ${duration} ms\tBilled Duration: ${Math.ceil(hundredths / 100)} ms\tMemory Size: 512 MB\tMax Memory Used: ${used} MB\t\n`,
    endsRequest: true,
  };
}

export function appLine(random, clock, request) {
  const kind = random.between(1, 100);
  if (kind <= 55) return jsonLine(random, clock, request);
  return kind <= 95 ? textLine(random, clock, request) : metricLine(random, clock);
}

/** 70 % carry ids as pino and winston write them with dd-trace; the others none, or those of other loggers. */
function jsonLine(random, clock, request) {
  const kind = random.between(1, 100);
  const fields = fieldsOf(random, request);
  const msg = sentence(random, request);
  const dd = { trace_id: request.tid + request.low, span_id: random.pick(request.spans), ...SERVICE };
  const level = random.chance(90) ? 30 : 40;
  const timestamp = new Date(clock.nowMs).toISOString();
  if (kind <= 45) {
    return JSON.stringify({ level, time: clock.nowMs, pid: 8, hostname: "169.254.52.101", ...fields, msg, dd });
  }
  if (kind <= 70) {
    const { trace_id, span_id, service, version, env } = dd;
    const sorted = { env, service, span_id, trace_id, version };
    return JSON.stringify({ dd: sorted, level: level === 30 ? "info" : "warn", message: msg, ...fields, timestamp });
  }
  if (kind <= 80) return JSON.stringify({ level: "info", time: timestamp, ...fields, message: msg });
  if (kind <= 90) {
    return `${runtimePrefix(clock, request, "INFO")}${JSON.stringify({ level: "info", message: msg, ...fields, dd })}\n`;
  }
  return JSON.stringify({
    level: "INFO",
    message: msg,
    timestamp,
    service: "checkout",
    cold_start: false,
    function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:checkout-api",
    function_memory_size: "512",
    function_name: "checkout-api",
    function_request_id: request.id,
    sampling_rate: 0,
    xray_trace_id: `1-${request.tid.slice(0, 8)}-${request.low}${request.tid.slice(0, 8)}`,
    ...fields,
  });
}

/** `time <tab> request <tab> level <tab> text`; a quarter with dd-trace's ids, a few with a stack. */
function textLine(random, clock, request) {
  const ids = random.chance(25) ? `[dd.trace_id=${request.decimal} dd.span_id=${random.pick(request.spans)}] ` : "";
  if (random.chance(4)) return `${runtimePrefix(clock, request, "ERROR")}${ids}${stack(random, request)}\n`;
  return `${runtimePrefix(clock, request, random.chance(92) ? "INFO" : "WARN")}${ids}${sentence(random, request)}\n`;
}

function metricLine(random, clock) {
  return JSON.stringify({
    m: "coffee_house.order_value",
    v: random.between(200, 4_000) / 100,
    e: Math.floor(clock.nowMs / 1000),
    t: [`product:${random.pick(PRODUCTS)}`, "order:online", "dd_lambda_layer:datadog-nodev20.20.2"],
  });
}

function runtimePrefix({ nowMs }, { id }, level) {
  return `${new Date(nowMs).toISOString()}\t${id}\t${level}\t`;
}

function fieldsOf(random, { customer, order }) {
  return {
    route: random.pick(ROUTES),
    orderId: order,
    customerId: customer,
    durationMs: random.between(1, 400),
    attempt: random.between(1, 3),
    functionVersion: "42",
    memoryLimitInMb: 512,
    clientIp: `203.0.113.${random.between(1, 254)}`,
    userAgent: random.pick(AGENTS),
  };
}

function sentence(random, { customer, order }) {
  switch (random.between(1, 6)) {
    case 1:
      return `order ${order} of customer ${customer} was accepted, ${random.between(1, 9)} items`;
    case 2:
      return `query on ${random.pick(TABLES)} took ${random.between(1, 90)} ms, ${random.between(0, 50)} rows`;
    case 3:
      return `payment of ${random.between(2, 90)}.${random.between(10, 99)} EUR for ${order} authorised by the provider`;
    case 4:
      return `cache ${random.chance(80) ? "hit" : "miss"} for product ${random.pick(PRODUCTS)}, answering from ${random.pick(["redis", "memory", "the table"])}`;
    case 5:
      return `calling https://inventory.internal.example.com/v2/stock/${random.between(1_000, 9_999)} for ${random.pick(PRODUCTS)}`;
    default:
      return `published OrderPlaced for ${order} to sns topic order-events in ${random.between(4, 60)} ms`;
  }
}

function stack(random, { order }) {
  return [
    `Error: payment of ${order} was declined by the provider`,
    `    at PaymentClient.authorise (/var/task/src/payments/client.js:${random.between(40, 99)}:${random.between(5, 40)})`,
    "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
    "    at async placeOrder (/var/task/src/orders/place-order.js:57:21)",
    "    at async exports.handler (/var/task/src/handler.js:31:18)",
  ].join("\n");
}
