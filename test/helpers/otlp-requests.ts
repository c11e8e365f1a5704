import path from "node:path";
import protobuf from "protobufjs";

const folder = path.join(__dirname, "../../node_modules/dd-trace/packages/dd-trace/src/opentelemetry/otlp");
const root = new protobuf.Root();
root.resolvePath = (_, target) => path.join(folder, path.basename(target));
root.loadSync(["trace_service.proto", "logs_service.proto", "metrics_service.proto"]);

export type Signal = "trace" | "logs" | "metrics";

function typeOf(signal: Signal, what: "Request" | "Response"): protobuf.Type {
  const name = { trace: "Trace", logs: "Logs", metrics: "Metrics" }[signal];
  return root.lookupType(`opentelemetry.proto.collector.${signal}.v1.Export${name}Service${what}`);
}

/**
 * A request to export, by the published message definitions.
 *
 * @param request in the names of OTLP/JSON; ids as bytes, 64-bit numbers as decimal text
 */
export function otlpBytes(signal: Signal, request: Record<string, unknown>): Uint8Array {
  const type = typeOf(signal, "Request");
  return type.encode(type.fromObject(request)).finish();
}

/** An intake's answer, by the published message definitions; 64-bit numbers as decimal text. */
export function otlpResponse(signal: Signal, bytes: Uint8Array): Record<string, unknown> {
  const type = typeOf(signal, "Response");
  return type.toObject(type.decode(bytes), { longs: String });
}
