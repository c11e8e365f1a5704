/** The function that subscribes log groups to the forwarder: an entry of its own, beside it in the zip. */

import { subscribeSettings } from "./subscribe-settings.ts";
import { createSubscriber } from "./subscriber.ts";

const settings = subscribeSettings(process.env);
const { awsLogGroups } = await import("../io/log-groups.ts");
const { LambdaFunctions } = await import("../io/lambda-functions.ts");
const functions = new LambdaFunctions();

const ATTEMPTS = 3;
const REQUEST_TIMEOUT_MS = 10_000;

export const handler = createSubscriber(settings, {
  api: awsLogGroups(),
  goOn: (event) =>
    functions.invoke(
      settings.functionName,
      Buffer.from(JSON.stringify(event)),
      AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    ),
  answer: putTo,
  write: (line) => void process.stdout.write(line),
  nowUnixMs: Date.now,
});

/** @throws when the answer was not taken: CloudFormation then waits for its own time-out */
async function putTo(url: string, body: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      // The URL is signed for a request without a content type.
      const { ok, status } = await fetch(url, { method: "PUT", body: new TextEncoder().encode(body), signal });
      if (ok) return;
      throw new Error(`CloudFormation took no answer: HTTP ${status}`);
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error;
    }
  }
}
