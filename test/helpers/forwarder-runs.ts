import type { Context } from "aws-lambda";
import type { Ledger } from "../../src/delivery/ledger.ts";
import { createForwarder } from "../../src/handlers/forwarder.ts";
import type { TestIntake } from "./intake.ts";
import { A_KEY } from "./telemetry.ts";

export interface ForwarderRun {
  answer?: unknown;
  error?: Error;
  ledger: Ledger;
  /** Everything the forwarder wrote to its own log. */
  output: string;
}

/** One invocation of a fresh forwarder that sends to an intake. @param msLeft of the invocation, at each question */
export async function forwarderRun(
  intake: TestIntake,
  event: unknown,
  env: Record<string, string> = {},
  msLeft: () => number = () => 20_000,
): Promise<ForwarderRun> {
  const written: string[] = [];
  const spy = jest.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  let end: Pick<ForwarderRun, "answer" | "error">;
  try {
    const urls = { DD_TRACE_INTAKE_URL: intake.url, DD_API_URL: intake.url };
    const address = { DD_URL: "127.0.0.1", DD_PORT: String(intake.port), DD_NO_SSL: "true", ...urls };
    const handler = createForwarder({ DD_API_KEY: A_KEY, ...address, ...env });
    const context = {
      functionName: "Forwarder",
      invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder",
      getRemainingTimeInMillis: msLeft,
    } as Context;
    end = await handler(event, context).then(
      (answer) => ({ answer }),
      (error: Error) => ({ error }),
    );
  } finally {
    spy.mockRestore();
  }
  const output = written.join("");
  const line = output.split("\n").find((text) => text.includes('"ledger"')) as string;
  return { ...end, ledger: JSON.parse(line).ledger, output };
}
