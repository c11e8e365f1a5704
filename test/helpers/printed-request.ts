/** What a function prints of a request that Datadog's tracer traced, a line each: two spans, and a log in the inner one. */
export function printedRequest(service: string, traceId = 1234567890123456789n, requestId = newRequestId()): string[] {
  const time = new Date().toISOString();
  const span = (id: string, parent: string, name: string): object => ({
    ...{ trace_id: traceId.toString(16).padStart(16, "0"), span_id: id, parent_id: parent, name, resource: name },
    ...{ service, type: "serverless", error: 0, metrics: {}, meta: { request_id: requestId } },
    ...{ start: Date.now() * 1_000_000, duration: 50_000_000 },
  });
  const traces = [
    [span("00000000000000aa", "0000000000000000", "aws.lambda"), span("00000000000000bb", "00000000000000aa", "load")],
  ];
  return [
    `START RequestId: ${requestId} Version: $LATEST`,
    `${time}\t${requestId}\tINFO\t[dd.trace_id=${traceId} dd.span_id=${0xbb}] loading the cart`,
    JSON.stringify({ traces }),
    `END RequestId: ${requestId}`,
    `REPORT RequestId: ${requestId}\tDuration: 50.00 ms\tBilled Duration: 50 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB\t`,
  ];
}

let requests = 0;

function newRequestId(): string {
  return `11111111-2222-3333-4444-${String(++requests).padStart(12, "0")}`;
}
