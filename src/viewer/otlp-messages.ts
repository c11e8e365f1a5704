/**
 * OpenTelemetry's export requests and responses as protobuf.
 *
 * The decoder is protobufjs with the published message definitions, so that it shares nothing with any encoder of ours.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
 */
import protobuf from "protobufjs";

const DEFINITIONS = `
syntax = "proto3";
package otlp;
message AnyValue { oneof value {
  string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
  ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
} }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Resource { repeated KeyValue attributes = 1; }

message TracesRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
  int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  repeated Event events = 11; repeated Link links = 13; Status status = 15; fixed32 flags = 16;
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
  message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; }
}
message Status { string message = 2; int32 code = 3; }

message LogsRequest { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message LogRecord {
  fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10;
  fixed64 observed_time_unix_nano = 11; string event_name = 12;
}

message MetricsRequest { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Metric {
  string name = 1; string unit = 3;
  oneof data {
    Numbers gauge = 5; Numbers sum = 7; Histograms histogram = 9; Exponentials exponential_histogram = 10;
    Summaries summary = 11;
  }
}
message Numbers { repeated Number data_points = 1; }
message Number { oneof value { double as_double = 4; sfixed64 as_int = 6; } repeated KeyValue attributes = 7; }
message Histograms { repeated Histogram data_points = 1; }
message Histogram { fixed64 count = 4; double sum = 5; repeated KeyValue attributes = 9; }
message Exponentials { repeated Exponential data_points = 1; }
message Exponential { repeated KeyValue attributes = 1; fixed64 count = 4; double sum = 5; }
message Summaries { repeated Summary data_points = 1; }
message Summary { fixed64 count = 4; double sum = 5; repeated KeyValue attributes = 7; }

message Response { PartialSuccess partial_success = 1; }
message PartialSuccess { int64 rejected = 1; string error_message = 2; }
message ErrorStatus { int32 code = 1; string message = 2; }
`;

export type Signal = "traces" | "logs" | "metrics";

const REQUESTS: Readonly<Record<Signal, string>> = {
  traces: "otlp.TracesRequest",
  logs: "otlp.LogsRequest",
  metrics: "otlp.MetricsRequest",
};

let root: protobuf.Root | undefined;

function typeOf(name: string): protobuf.Type {
  root ??= protobuf.parse(DEFINITIONS).root;
  return root.lookupType(name);
}

/**
 * The request with the names of OTLP/JSON, but with bytes for ids and halves for 64-bit numbers.
 *
 * @throws {Error} when the bytes are no such message
 */
export function decodeRequest(signal: Signal, body: Uint8Array): unknown {
  return typeOf(REQUESTS[signal]).decode(body);
}

/** `Export…ServiceResponse`. @param rejected how many items were not taken; 0: an empty message */
export function encodeResponse(rejected: number, errorMessage: string): Uint8Array {
  const type = typeOf("otlp.Response");
  return type.encode(type.fromObject(rejected > 0 ? { partialSuccess: { rejected, errorMessage } } : {})).finish();
}

/** `google.rpc.Status`, the body of every answer that is an error. */
export function encodeError(message: string): Uint8Array {
  const type = typeOf("otlp.ErrorStatus");
  return type.encode(type.fromObject({ message })).finish();
}
