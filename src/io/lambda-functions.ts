/** Asynchronous invocations of other functions. The SDK loads with the first. */
import type { LambdaClient } from "@aws-sdk/client-lambda";

type Sdk = typeof import("@aws-sdk/client-lambda");

/** Of throttled calls, failures of Lambda and of the network. */
const MAX_ATTEMPTS = 2;
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;

/** A function that was not invoked, or not as far as anybody knows. Its text names the remedy. */
export class InvocationError extends Error {
  override name = "InvocationError";
  /** Of Lambda or of the network, or `timeout`. */
  readonly code: string;

  constructor(functionName: string, error: unknown) {
    const code = codeOf(error);
    super(`cannot invoke the function ${functionName}: ${code}; ${remedyFor(code, error)}`);
    this.code = code;
  }
}

export class LambdaFunctions {
  /** By region; "" is the function's own. */
  readonly #clients = new Map<string, Promise<{ sdk: Sdk; client: LambdaClient }>>();

  /**
   * Resolves when Lambda has taken the event.
   *
   * @param functionName name, partial ARN or ARN; the ARN's region counts
   * @throws {InvocationError}
   */
  async invoke(functionName: string, payload: Uint8Array, abortSignal: AbortSignal): Promise<void> {
    try {
      const { sdk, client } = await this.#clientFor(functionName);
      const input = { FunctionName: functionName, InvocationType: "Event" as const, Payload: payload };
      await client.send(new sdk.InvokeCommand(input), { abortSignal });
    } catch (error) {
      throw new InvocationError(functionName, error);
    }
  }

  #clientFor(functionName: string): Promise<{ sdk: Sdk; client: LambdaClient }> {
    const region = functionName.startsWith("arn:") ? (functionName.split(":")[3] as string) : "";
    const known = this.#clients.get(region);
    if (known) return known;
    const connecting = connect(region);
    this.#clients.set(region, connecting);
    return connecting;
  }
}

async function connect(region: string): Promise<{ sdk: Sdk; client: LambdaClient }> {
  const sdk = await import("@aws-sdk/client-lambda");
  const client = new sdk.LambdaClient({
    ...(region && { region }),
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
  return { sdk, client };
}

function remedyFor(code: string, error: unknown): string {
  switch (code) {
    case "AccessDeniedException":
      return "the forwarder's role must allow lambda:InvokeFunction on it, and so must its own policy if it is another account's";
    case "ResourceNotFoundException":
      return "there is no such function: check the region, the account, the name, and the version or alias behind it";
    case "RequestTooLargeException":
    case "RequestEntityTooLargeException":
      return "the event is larger than an asynchronous invocation takes";
    case "TooManyRequestsException":
      return "Lambda takes so many invocations no faster; it was tried again in vain";
    default:
      return error instanceof Error && "$fault" in error
        ? "Lambda did not take the event; the code says why"
        : "check that the forwarder can reach Lambda: in a VPC it needs a NAT gateway or an endpoint for Lambda";
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  if (error.name === "TimeoutError" || error.name === "AbortError") return "timeout";
  return "$fault" in error ? error.name : ((error as NodeJS.ErrnoException).code ?? error.name);
}
