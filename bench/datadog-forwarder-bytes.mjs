/**
 * What the Datadog Forwarder would send for the same logs: a model of its output as it is documented and as its source
 * has it (version 5.4: the shape of an item, Python's JSON with a blank after each comma and colon, 400 items or 4 MB a
 * request, gzip level 6), and not the program itself. No tags of the account, of the function or of the log group are in
 * it, which the program would fetch from AWS.
 *
 * It sends traces as protobuf without compression.
 */
import { gzipSync } from "node:zlib";

const VERSION = "5.4.11";
const FORWARDER_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:log-trace-forwarder";
const [MAX_ITEMS, MAX_BYTES, MAX_ITEM_BYTES] = [400, 4_000_000, 512_000];

/**
 * @param {object} envelope the delivery's JSON
 * @param {Set<string>} ids of the log events that are sent as logs
 * @returns {{requests: number, bytes: number}} bytes of the compressed bodies
 */
export function datadogForwarderLogs(envelope, ids) {
  const metadata = metadataOf(envelope);
  const items = envelope.logEvents
    .filter(({ id }) => ids.has(id))
    .map((event) => pythonJson({ ...event, ...metadata }));
  const bodies = batches(items).map((batch) => gzipSync(`[${batch.join(",")}]`, { level: 6 }));
  return { requests: bodies.length, bytes: bodies.reduce((sum, { length }) => sum + length, 0) };
}

function metadataOf({ logGroup, logStream, owner }) {
  const [, name] = /^\/aws\/lambda\/(.+)$/.exec(logGroup) ?? [];
  const tags = ["forwardername:log-trace-forwarder", `forwarder_version:${VERSION}`];
  if (name)
    tags.push("env:none", `aws_account:${owner}`, `functionname:${name}`, "region:eu-west-1", `service:${name}`);
  const arn = name && `arn:aws:lambda:eu-west-1:${owner}:function:${name}`;
  return {
    aws: { awslogs: { logGroup, logStream, owner }, invoked_function_arn: FORWARDER_ARN },
    ...(arn && { lambda: { arn } }),
    ddsourcecategory: "aws",
    ddtags: tags.join(","),
    ddsource: name ? "lambda" : "cloudwatch",
    service: name ?? "cloudwatch",
    host: arn ?? logGroup,
  };
}

/** As `json.dumps(value, ensure_ascii=False)` writes strings, numbers and objects of them. */
function pythonJson(value) {
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${pythonJson(inner)}`);
  return `{${entries.join(", ")}}`;
}

function batches(items) {
  const all = [];
  let [batch, bytes] = [[], 0];
  for (const item of items) {
    const size = Buffer.byteLength(item);
    if (batch.length > 0 && (batch.length >= MAX_ITEMS || bytes + size > MAX_BYTES)) {
      all.push(batch);
      [batch, bytes] = [[], 0];
    }
    if (size > MAX_ITEM_BYTES) continue;
    batch.push(item);
    bytes += size;
  }
  return batch.length > 0 ? [...all, batch] : all;
}
