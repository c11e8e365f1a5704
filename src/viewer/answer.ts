/** What a request is answered with. */
export interface Answer {
  status: number;
  contentType: string;
  body: string | Uint8Array;
  headers?: Record<string, string>;
  /** Why it was not accepted, for the list of refusals. */
  problem?: string;
}

export function json(status: number, value: unknown): Answer {
  return { status, contentType: "application/json", body: JSON.stringify(value) };
}

/** In the shape of Datadog's errors. */
export function refused(status: number, problem: string, more: { position?: number } = {}): Answer {
  const answer = { ...json(status, { errors: [problem], ...more }), problem };
  return status === 503 ? { ...answer, headers: { "retry-after": "1" } } : answer;
}
