/**
 * Log lines of a Lambda function under dd-trace: each request with a few application logs and its trace, printed as
 * dd-trace-js prints it: `{"traces":[[span, …]]}`, at most 64 KB a line, the keys in its order. A trace that is longer
 * goes on in the next line.
 */
import { appLine, aRequest, endLine, reportLine, startLine } from "./lambda.mjs";

/** Of one line; dd-trace-js's limit. */
const MAX_LINE_LENGTH = 64 * 1024;

const RUNTIME_ID = "ae07bbd4-8970-4b3f-852d-9d4ffc507f0a";
const COMMON = { service: "checkout", env: "prod", version: "2.14.0", "runtime-id": RUNTIME_ID };

/**
 * @param {import("../random.mjs").Random} random
 * @param {{nowMs: number}} clock moves on as lines are written
 * @param {{logsPerRequest: [number, number], spansPerTrace: [number, number]}} shape
 */
export function* traceLines(random, clock, { logsPerRequest, spansPerTrace }) {
  for (;;) {
    const request = aRequest(random, clock);
    yield startLine(request);
    for (let left = random.between(...logsPerRequest); left > 0; left--) {
      clock.nowMs += random.chance(40) ? 0 : random.between(1, 12);
      yield { message: appLine(random, clock, request) };
    }
    clock.nowMs += random.between(1, 30);
    yield* payloadLines(spansOf(random, request, random.between(...spansPerTrace)));
    yield endLine(request);
    yield reportLine(random, clock, request);
    clock.nowMs += random.between(1, 40);
  }
}

/** @param {string[]} spans of one trace, as JSON */
function* payloadLines(spans) {
  let line = [];
  let length = 0;
  for (const span of spans) {
    if (length + span.length + 20 > MAX_LINE_LENGTH) {
      yield payloadLine(line);
      [line, length] = [[], 0];
    }
    line.push(span);
    length += span.length + 1;
  }
  yield payloadLine(line);
}

function payloadLine(spans) {
  return { message: `{"traces":[[${spans.join(",")}]]}`, isTrace: true, spans: spans.length };
}

function spansOf(random, request, count) {
  const spans = [JSON.stringify(handlerSpan(random, request))];
  const parents = [request.low];
  while (spans.length < count) {
    const id = random.hex(16);
    const make = random.pick([httpSpan, dynamoDbSpan, sqlSpan, redisSpan, snsSpan]);
    const { meta, metrics, error = 0, ...named } = make(random, request);
    const span = {
      trace_id: request.low,
      span_id: id,
      parent_id: random.pick(parents),
      ...named,
      error,
      meta: { "_dd.origin": "lambda", ...COMMON, ...meta, language: "javascript" },
      metrics: { "_dd.measured": 1, ...metrics, process_id: 8, _sampling_priority_v1: 1 },
      ...timeOf(random, request),
    };
    spans.push(JSON.stringify(span));
    if (parents.length < 8) parents.push(id);
  }
  return spans;
}

function handlerSpan(random, request) {
  return {
    trace_id: request.low,
    span_id: request.low,
    parent_id: "0000000000000000",
    name: "aws.lambda",
    resource: "checkout-api",
    service: "checkout",
    type: "serverless",
    error: 0,
    meta: {
      "_dd.tags.process": "entrypoint.type:script,entrypoint.workdir:task,package.json.name:checkout,svc.user:true",
      "_dd.p.tid": request.tid,
      "_dd.p.dm": "-0",
      "_dd.origin": "lambda",
      ...COMMON,
      "span.kind": "server",
      cold_start: "false",
      function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:checkout-api",
      function_version: "$LATEST",
      request_id: request.id,
      resource_names: "checkout-api",
      functionname: "checkout-api",
      datadog_lambda: "12.143.0",
      dd_trace: "5.132.0",
      "_dd.integration": "opentracing",
      language: "javascript",
      "_dd.sdk.otlp_export": "false",
    },
    metrics: { "_dd.agent_psr": 1, "_dd.top_level": 1, "_dd.measured": 1, process_id: 8, _sampling_priority_v1: 1 },
    ...timeOf(random, request),
  };
}

/** Nanoseconds; the start is a number beyond what a double holds exactly, and written as dd-trace-js writes it. */
function timeOf(random, { startMs }) {
  return {
    start: (startMs + random.between(0, 300)) * 1_000_000 + random.between(0, 9_999) * 100,
    duration: random.between(20_000, 90_000_000),
  };
}

function httpSpan(random) {
  const status = random.chance(97) ? "200" : "503";
  return {
    name: "http.request",
    resource: "GET",
    service: "checkout",
    type: "http",
    error: status === "200" ? 0 : 1,
    meta: {
      component: "http",
      "span.kind": "client",
      "http.method": "GET",
      "http.url": `https://inventory.internal.example.com/v2/stock/${random.uuid()}`,
      "out.host": "inventory.internal.example.com",
      "http.status_code": status,
      "_dd.integration": "http",
    },
    metrics: { "network.destination.port": 443, "network.local.port": random.between(32_768, 60_999) },
  };
}

function dynamoDbSpan(random) {
  const operation = random.pick(["getItem", "putItem", "query", "updateItem"]);
  const table = random.pick(["orders", "customers", "baskets"]);
  return {
    name: "aws.request",
    resource: `${operation} ${table}`,
    service: "checkout-aws-dynamodb",
    type: "http",
    meta: {
      component: "aws-sdk",
      "span.kind": "client",
      "aws.operation": operation,
      "aws.region": "eu-west-1",
      region: "eu-west-1",
      "aws.service": "DynamoDB",
      aws_service: "DynamoDB",
      "aws.dynamodb.table_name": table,
      tablename: table,
      "aws.response.request_id": random.hex(52).toUpperCase(),
      "http.status_code": "200",
      "_dd.integration": "aws-sdk",
      "_dd.base_service": "checkout",
    },
    metrics: {},
  };
}

function sqlSpan(random, { customer }) {
  return {
    name: "pg.query",
    resource: random.pick([
      "SELECT id, status, total FROM orders WHERE customer_id = $1 ORDER BY created_at DESC LIMIT 20",
      "INSERT INTO payments (order_id, amount, currency, provider) VALUES ($1, $2, $3, $4) RETURNING id",
      "UPDATE baskets SET updated_at = now() WHERE id = $1",
    ]),
    service: "checkout-postgres",
    type: "sql",
    meta: {
      component: "pg",
      "span.kind": "client",
      "db.type": "postgres",
      "db.name": "shop",
      "db.user": "checkout",
      "out.host": "shop.cluster-cq3xyz.eu-west-1.rds.amazonaws.com",
      "customer.id": customer,
      "db.query_id": random.uuid(),
      "_dd.integration": "pg",
      "_dd.base_service": "checkout",
    },
    metrics: { "network.destination.port": 5432, "db.rows": random.between(0, 20) },
  };
}

function redisSpan(random) {
  const command = random.pick(["get", "set", "expire"]);
  return {
    name: "redis.command",
    resource: command,
    service: "checkout-redis",
    type: "redis",
    meta: {
      component: "redis",
      "span.kind": "client",
      "db.type": "redis",
      "db.name": "0",
      "redis.raw_command": `${command.toUpperCase()} session:${random.uuid()}`,
      "out.host": "cache.internal.example.com",
      "_dd.integration": "redis",
      "_dd.base_service": "checkout",
    },
    metrics: { "network.destination.port": 6379 },
  };
}

function snsSpan(random) {
  return {
    name: "aws.request",
    resource: "publish order-events",
    service: "checkout-aws-sns",
    type: "http",
    meta: {
      component: "aws-sdk",
      "span.kind": "producer",
      "aws.operation": "publish",
      "aws.region": "eu-west-1",
      region: "eu-west-1",
      "aws.service": "SNS",
      aws_service: "SNS",
      "aws.sns.topic_arn": "arn:aws:sns:eu-west-1:123456789012:order-events",
      topicname: "order-events",
      "aws.response.request_id": random.uuid(),
      "http.status_code": "200",
      "_dd.integration": "aws-sdk",
      "_dd.base_service": "checkout",
    },
    metrics: {},
  };
}
