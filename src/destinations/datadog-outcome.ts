import type { Answer, Outcome } from "./destination.ts";

/** What an answer of Datadog's intakes means, for logs and traces alike. */
export function datadogOutcome(answer: Answer): Outcome {
  if ("error" in answer) return { status: "retryable", reason: answer.error };
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return { status: "delivered" };
  const reason = `HTTP ${status}`;
  const isRetryable = status === 408 || status === 429 || status >= 500;
  return isRetryable ? { status: "retryable", reason, retryAfter } : { status: "rejected", reason };
}
