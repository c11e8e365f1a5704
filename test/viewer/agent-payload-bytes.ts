import protobuf from "protobufjs";

const definitions = `
syntax = "proto3";
message AgentPayload { repeated TracerPayload tracerPayloads = 5; }
message TracerPayload { repeated TraceChunk chunks = 6; }
message TraceChunk { int32 priority = 1; repeated Span spans = 3; map<string, string> tags = 4; }
message Span {
  string service = 1; string name = 2; string resource = 3; uint64 traceID = 4; uint64 spanID = 5;
  uint64 parentID = 6; int64 start = 7; int64 duration = 8; int32 error = 9; map<string, string> meta = 10;
  map<string, double> metrics = 11;
}`;
const agentPayload = protobuf.parse(definitions).root.lookupType("AgentPayload");

/** What a sender posts: one chunk for each list of spans; 64-bit values as decimal strings. */
export function agentPayloadBytes(
  ...chunks: { tags?: Record<string, string>; spans: Record<string, unknown>[] }[]
): Uint8Array {
  return agentPayload.encode(agentPayload.fromObject({ tracerPayloads: [{ chunks }] })).finish();
}
