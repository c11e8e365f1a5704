/** A trace payload line as dd-trace-js writes it, around spans given in parts. */
export function aPayload(...spans: Record<string, unknown>[]): string {
  return JSON.stringify({ traces: [spans.map((span) => aPayloadSpan(span))] });
}

/** A span as dd-trace-js writes it. */
export function aPayloadSpan(given: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    trace_id: "414ae78d188f3825",
    span_id: "651c77517ea37a55",
    parent_id: "0000000000000000",
    name: "aws.lambda",
    resource: "thinker-api",
    service: "thinker",
    type: "serverless",
    error: 0,
    meta: { env: "dev", version: "0.1.0" },
    metrics: { _sampling_priority_v1: 1 },
    start: 1_795_226_069_840_000_000,
    duration: 53_000_000,
    ...given,
  };
}
