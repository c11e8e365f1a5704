/** Calls that are made again when AWS asks for time. */

export interface Patience {
  /** Until the work must be handed on; Infinity where nothing waits. */
  msLeft(): number;
  sleep(ms: number): Promise<void>;
  /** A number in [0, 1). */
  random(): number;
}

/** Exists so that the work is handed on instead of failing: what is left of the time does not suffice for waiting. */
export class OutOfTimeError extends Error {
  override name = "OutOfTimeError";
}

const MAX_ATTEMPTS = 10;
const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;

const RETRYABLE =
  /^(?:Throttl|TooManyRequests|RequestLimitExceeded|OperationAborted|ServiceUnavailable|InternalServer|InternalFailure|ServiceException|TimeoutError)/;

/**
 * The answer of a call, which is made up to ten times: exponential back-off with full jitter.
 *
 * CloudWatch Logs answers five to ten such calls a second and account, all its callers together.
 *
 * @throws {OutOfTimeError}
 */
export async function withBackOff<Answer>(call: () => Promise<Answer>, patience: Patience): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || !isRetryable(error)) throw error;
      const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * patience.random();
      if (delayMs >= patience.msLeft()) throw new OutOfTimeError("no time is left to wait", { cause: error });
      await patience.sleep(delayMs);
    }
  }
}

function isRetryable(error: unknown): boolean {
  const { name, code, $metadata } = error as { name: string; code?: string; $metadata?: { httpStatusCode?: number } };
  if (RETRYABLE.test(name)) return true;
  const isOfNetwork = /^(?:ECONN|ETIMEDOUT|EPIPE|EAI_AGAIN|ENETUNREACH)/.test(code ?? "");
  return isOfNetwork || ($metadata?.httpStatusCode ?? 0) >= 500;
}

/** Every call of an API with back-off. */
export function patient<Api extends object>(api: Api, patience: Patience): Api {
  return new Proxy(api, {
    get(target, name) {
      const call = Reflect.get(target, name);
      if (typeof call !== "function") return call;
      return (...given: unknown[]) => withBackOff(() => call.apply(target, given), patience);
    },
  });
}
