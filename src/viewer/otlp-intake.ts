/**
 * What an OpenTelemetry collector takes over HTTP, answered in the encoding it came in.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { type Answer, refused } from "./answer.ts";
import { decodeRequest, encodeError, encodeResponse, type Signal } from "./otlp-messages.ts";
import { readLogs, readMetrics, readSpans } from "./otlp-reader.ts";
import type { Store } from "./store.ts";

export const OTLP_SIGNALS: ReadonlyMap<string, Signal> = new Map([
  ["/v1/traces", "traces"],
  ["/v1/logs", "logs"],
  ["/v1/metrics", "metrics"],
]);

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";
const REJECTED: Readonly<Record<Signal, string>> = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
};

/** The media type of a request, or why there is no answer to it. */
export function otlpType(contentType: string | undefined): string | Answer {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  return type === PROTOBUF || type === JSON_TYPE
    ? type
    : refused(415, `content-type is neither ${PROTOBUF} nor ${JSON_TYPE}`);
}

export function takeOtlp(signal: Signal, type: string, body: Buffer, store: Store): Answer {
  try {
    const request = type === PROTOBUF ? decodeRequest(signal, body) : JSON.parse(body.toString("utf8"));
    const { rejected, problem } = TAKERS[signal](request, store);
    return responseOf(signal, type, rejected, problem);
  } catch (error) {
    const reason = error instanceof SyntaxError ? "it is not JSON" : (error as Error).message;
    return otlpError(type, 400, `body is not a request to export ${signal}: ${reason}`);
  }
}

/** An error in the encoding that the sender reads. */
export function otlpError(type: string, status: number, problem: string): Answer {
  const plain = refused(status, problem);
  return type === PROTOBUF
    ? { ...plain, contentType: PROTOBUF, body: encodeError(problem) }
    : { ...plain, body: JSON.stringify({ message: problem }) };
}

interface Taken {
  rejected: number;
  problem: string;
}

const TAKERS: Readonly<Record<Signal, (request: unknown, store: Store) => Taken>> = {
  traces(request, store) {
    const { items, ...taken } = readSpans(request);
    store.addSpans(items);
    return taken;
  },
  logs(request, store) {
    const { items, ...taken } = readLogs(request, Date.now());
    store.addLogs(items);
    return taken;
  },
  metrics(request, store) {
    const { items, ...taken } = readMetrics(request);
    store.addMetrics(items);
    return taken;
  },
};

function responseOf(signal: Signal, type: string, rejected: number, problem: string): Answer {
  if (type === PROTOBUF) return { status: 200, contentType: PROTOBUF, body: encodeResponse(rejected, problem) };
  // 64-bit numbers are text in OTLP/JSON.
  const response =
    rejected > 0 ? { partialSuccess: { [REJECTED[signal]]: String(rejected), errorMessage: problem } } : {};
  return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(response) };
}
