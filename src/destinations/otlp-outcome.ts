import type { Answer, Outcome } from "./destination.ts";

/**
 * What an answer over OTLP/HTTP means: 429, 502, 503 and 504 are worth another try, and nothing else is.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md#otlphttp-response
 */
export function otlpOutcome(answer: Answer): Outcome {
  if ("error" in answer) return { status: "retryable", reason: answer.error };
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return { status: "delivered" };
  const reason = `HTTP ${status}`;
  if (status === 429 || (status >= 502 && status <= 504)) return { status: "retryable", reason, retryAfter };
  const fault = status === 400 || status === 413 ? "items" : status === 401 || status === 403 ? "credentials" : "else";
  return { status: "rejected", reason, fault };
}
