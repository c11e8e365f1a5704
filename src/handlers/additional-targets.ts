/** Functions that get the event as the forwarder got it. Loaded only where there are any. */
import type { Context } from "aws-lambda";
import { count, type TargetBooks } from "../delivery/ledger.ts";
import { InvocationError, LambdaFunctions } from "../io/lambda-functions.ts";
import type { Forwarder } from "../telemetry.ts";

/** For all of them together; they are invoked while the event is forwarded. */
const MAX_MS = 3_000;
/** Kept back from Lambda's deadline to print the ledger and answer. */
const RESERVE_MS = 500;
/** Of invocations that are remembered. */
const MAX_REMEMBERED = 1_000;

const functions = new LambdaFunctions();
/** Lambda invokes again, with the same request id, when the forwarding failed. The targets had the event then. */
const remembered = new Set<string>();

/**
 * Invokes each function asynchronously with the event. What does not work is reported and counted; it is no reason for
 * the forwarder's own invocation to fail, because Lambda would then forward and invoke everything once more.
 *
 * @param targets names, partial ARNs or ARNs
 * @param report takes a sentence for a person
 */
export async function invokeTargets(
  targets: readonly string[],
  event: unknown,
  context: Context,
  forwarder: Forwarder,
  report: (problem: string) => void,
): Promise<TargetBooks> {
  const payload = Buffer.from(JSON.stringify(event) ?? "null");
  const msLeft = Math.max(0, (context.getRemainingTimeInMillis?.() ?? MAX_MS) - RESERVE_MS);
  const books: TargetBooks = { invoked: 0, repeated: 0, failed: {} };
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(Object.assign(new Error("no answer in time"), { name: "TimeoutError" }));
        deadline.abort();
      },
      Math.min(MAX_MS, msLeft),
    );
  });
  await Promise.all(targets.map(invoke));
  clearTimeout(timer);
  return books;

  async function invoke(target: string): Promise<void> {
    if (isItself(target, forwarder)) {
      report(
        `the function ${target} is the forwarder itself, which would invoke itself for ever: take it out of DD_ADDITIONAL_TARGET_LAMBDAS`,
      );
      return count(books.failed, "itself", 1);
    }
    const invocation = context.awsRequestId && `${context.awsRequestId} ${target}`;
    if (invocation && remembered.has(invocation)) {
      books.repeated++;
      return;
    }
    try {
      // The SDK stops what it knows of at the signal; waiting for it ends here in any case.
      await Promise.race([functions.invoke(target, payload, deadline.signal), tooLate.catch(timedOut(target))]);
      books.invoked++;
      if (invocation) remember(invocation);
    } catch (error) {
      report(error instanceof Error ? error.message : "unknown error");
      count(books.failed, error instanceof InvocationError ? error.code : "unknown error", 1);
    }
  }
}

function timedOut(target: string): (error: unknown) => never {
  return (error) => {
    throw new InvocationError(target, error);
  };
}

function remember(invocation: string): void {
  if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.values().next().value as string);
  remembered.add(invocation);
}

/** Whether a name or ARN, whatever version or alias is behind it, is the forwarder's own. */
function isItself(target: string, { functionArn, functionName }: Forwarder): boolean {
  const parts = target.split(":");
  const nameAt = parts.lastIndexOf("function") + 1;
  const [, , , ownRegion, ownAccount] = functionArn.split(":");
  const [region, account] = nameAt === 6 ? [parts[3], parts[4]] : [ownRegion, nameAt > 0 ? parts[0] : ownAccount];
  return parts[nameAt] === functionName && region === ownRegion && account === ownAccount;
}
