import type { Answer, Outcome } from "./destination.ts";
import { bytesOf, fieldsIn, isLength, varintAt } from "./protobuf-fields.ts";

/** Of an answer's body: enough for what is counted, and for a message of any usual length. */
export const MAX_ANSWER_BYTES = 65_536;

const [PARTIAL_SUCCESS, REJECTED] = [1, 1];
const RETRYABLE = [429, 502, 503, 504];

/**
 * What an answer of an OTLP backend means, for logs, traces and metrics alike: 429, 502, 503 and 504 are worth another
 * try; 400 and 413 tell of items, 401 and 403 of the credentials. Of what was taken in part nothing is sent again.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
export function otlpOutcome(answer: Answer): Outcome {
  if ("error" in answer) return { status: "retryable", reason: answer.error };
  const { status, retryAfter, body } = answer;
  if (status >= 200 && status < 300) {
    const rejected = body ? rejectedIn(body) : 0;
    return { status: "delivered", ...(rejected > 0 && { rejected }) };
  }
  const reason = `HTTP ${status}`;
  if (RETRYABLE.includes(status)) return { status: "retryable", reason, retryAfter };
  const fault = status === 400 || status === 413 ? "items" : status === 401 || status === 403 ? "credentials" : "else";
  return { status: "rejected", reason, fault };
}

/**
 * How many spans, log records or data points were left out of what was taken; 0 where the body does not say it.
 *
 * @param body of an answer, in either spelling; its front will do
 */
function rejectedIn(body: Uint8Array): number {
  const count = rejectedInProtobuf(body) ?? rejectedInJson(body) ?? 0;
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** Undefined for what is no protobuf. */
function rejectedInProtobuf(body: Uint8Array): number | undefined {
  try {
    let rejected = 0;
    for (const success of fieldsIn(body)) {
      if (success.field !== PARTIAL_SUCCESS || !isLength(success)) continue;
      const content = bytesOf(body, success);
      for (const field of fieldsIn(content)) {
        if (field.field === REJECTED && field.wireType === 0) rejected = varintAt(content, field.value).value;
      }
    }
    return rejected;
  } catch {
    return undefined;
  }
}

/** Undefined for what is no JSON. */
function rejectedInJson(body: Uint8Array): number | undefined {
  try {
    const answer = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString()) as Record<
      string,
      Record<string, unknown> | null | undefined
    > | null;
    const partial = answer?.partialSuccess ?? {};
    return Number(partial.rejectedSpans ?? partial.rejectedLogRecords ?? partial.rejectedDataPoints ?? 0);
  } catch {
    return undefined;
  }
}
