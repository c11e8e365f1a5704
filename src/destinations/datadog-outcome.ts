import type { Answer, Outcome } from "./destination.ts";

/**
 * What an answer of Datadog's intakes means, for logs, traces and metrics alike: 408, 429 and 5xx are worth another try;
 * 400 and 413 tell of items, 401 and 403 of the key.
 *
 * @see https://docs.datadoghq.com/api/latest/logs/#send-logs
 */
export function datadogOutcome(answer: Answer): Outcome {
  if ("error" in answer) return { status: "retryable", reason: answer.error };
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return { status: "delivered" };
  const reason = `HTTP ${status}`;
  if (status === 408 || status === 429 || status >= 500) return { status: "retryable", reason, retryAfter };
  const fault = status === 400 || status === 413 ? "items" : status === 401 || status === 403 ? "credentials" : "else";
  return { status: "rejected", reason, fault };
}
