/**
 * Decodes OTLP with protobufjs and the published definitions, so that nothing is shared with the encoder.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto
 */
import path from "node:path";
import protobuf from "protobufjs";

const PROTOS = path.join(__dirname, "../../node_modules/dd-trace/packages/dd-trace/src/opentelemetry/otlp");

const root = new protobuf.Root();
root.resolvePath = (_, target) => path.join(PROTOS, path.basename(target));
root.loadSync(["metrics_service.proto"]);

/** 64-bit values are decimal strings, enums their names. */
export function decodeMetrics(body: Uint8Array): Record<string, unknown> {
  const type = root.lookupType("opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest");
  return type.toObject(type.decode(body), { longs: String, enums: String, arrays: true, defaults: true, oneofs: true });
}
