import type { Emulator } from "../emulator/emulator.ts";
import { type ForwarderRun, forwarderRun } from "./forwarder-runs.ts";
import type { TestIntake } from "./intake.ts";

export interface ServedForwarder {
  arn: string;
  /** Each invocation that has ended, in order. */
  runs: ForwarderRun[];
}

/** The forwarder as a function of the emulator that sends to an intake. */
export function servedForwarder(
  { lambda }: Emulator,
  functionName: string,
  intake: TestIntake,
  env: Record<string, string> = {},
): ServedForwarder {
  const runs: ForwarderRun[] = [];
  let before: Promise<unknown> = Promise.resolve();
  const arn = lambda.serve(functionName, (event) => {
    const run = before.then(() => forwarderRun(intake, event, env));
    before = run;
    return run.then((ended) => {
      runs.push(ended);
      if (ended.error) throw ended.error;
      return ended.answer;
    });
  });
  return { arn, runs };
}
