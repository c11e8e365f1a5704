/**
 * Reads what tracers' agents post to Datadog's trace intake.
 *
 * The decoder is protobufjs with the published message definitions, so that it shares nothing with the encoder in
 * `destinations/`: a mistake there cannot hide here.
 *
 * @see https://github.com/DataDog/datadog-agent/tree/main/pkg/proto/datadog/trace
 */
import protobuf from "protobufjs";

const DEFINITIONS = `
syntax = "proto3";
package datadog.trace;
message AgentPayload {
  string hostName = 1; string env = 2; repeated TracerPayload tracerPayloads = 5; map<string, string> tags = 6;
  string agentVersion = 7; double targetTPS = 8; double errorTPS = 9; bool rareSamplerEnabled = 10;
}
message TracerPayload {
  string containerID = 1; string languageName = 2; string languageVersion = 3; string tracerVersion = 4;
  string runtimeID = 5; repeated TraceChunk chunks = 6; map<string, string> tags = 7; string env = 8;
  string hostname = 9; string appVersion = 10;
}
message TraceChunk {
  int32 priority = 1; string origin = 2; repeated Span spans = 3; map<string, string> tags = 4; bool droppedTrace = 5;
}
message SpanLink {
  uint64 traceID = 1; uint64 traceID_high = 2; uint64 spanID = 3; map<string, string> attributes = 4;
  string tracestate = 5; uint32 flags = 6;
}
message SpanEvent {
  fixed64 time_unix_nano = 1; string name = 2; map<string, AttributeAnyValue> attributes = 3;
}
message AttributeAnyValue {
  enum Type { STRING_VALUE = 0; BOOL_VALUE = 1; INT_VALUE = 2; DOUBLE_VALUE = 3; ARRAY_VALUE = 4; }
  Type type = 1; string string_value = 2; bool bool_value = 3; int64 int_value = 4; double double_value = 5;
  AttributeArray array_value = 6;
}
message AttributeArray { repeated AttributeArrayValue values = 1; }
message AttributeArrayValue {
  enum Type { STRING_VALUE = 0; BOOL_VALUE = 1; INT_VALUE = 2; DOUBLE_VALUE = 3; }
  Type type = 1; string string_value = 2; bool bool_value = 3; int64 int_value = 4; double double_value = 5;
}
message Span {
  string service = 1; string name = 2; string resource = 3; uint64 traceID = 4; uint64 spanID = 5;
  uint64 parentID = 6; int64 start = 7; int64 duration = 8; int32 error = 9; map<string, string> meta = 10;
  map<string, double> metrics = 11; string type = 12; map<string, bytes> meta_struct = 13;
  repeated SpanLink spanLinks = 14; repeated SpanEvent spanEvents = 15;
}
`;

/** 64-bit values are decimal strings; empty fields have their proto3 default. */
export interface AgentPayload {
  hostName: string;
  env: string;
  tracerPayloads: TracerPayload[];
  tags: Record<string, string>;
  agentVersion: string;
}
export interface TracerPayload {
  containerID: string;
  languageName: string;
  languageVersion: string;
  tracerVersion: string;
  runtimeID: string;
  chunks: TraceChunk[];
  tags: Record<string, string>;
  env: string;
  hostname: string;
  appVersion: string;
}
export interface TraceChunk {
  priority: number;
  origin: string;
  spans: AgentSpan[];
  tags: Record<string, string>;
  droppedTrace: boolean;
}
export interface AgentSpan {
  service: string;
  name: string;
  resource: string;
  traceID: string;
  spanID: string;
  parentID: string;
  start: string;
  duration: string;
  error: number;
  meta: Record<string, string>;
  metrics: Record<string, number>;
  type: string;
  metaStruct: Record<string, Uint8Array>;
  spanLinks: {
    traceID: string;
    traceIDHigh: string;
    spanID: string;
    attributes: Record<string, string>;
    tracestate: string;
    flags: number;
  }[];
  spanEvents: { timeUnixNano: string; name: string; attributes: Record<string, Record<string, unknown>> }[];
}

let messageType: protobuf.Type | undefined;

/**
 * @param body the bytes of one `AgentPayload`, decompressed
 * @throws {Error} when the bytes are no such message
 */
export function decodeAgentPayload(body: Uint8Array): AgentPayload {
  messageType ??= protobuf.parse(DEFINITIONS).root.lookupType("datadog.trace.AgentPayload");
  return messageType.toObject(messageType.decode(body), {
    longs: String,
    enums: String,
    defaults: true,
    arrays: true,
    objects: true,
  }) as AgentPayload;
}
