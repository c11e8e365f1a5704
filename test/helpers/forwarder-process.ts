import type { Context } from "aws-lambda";
import { readOtlpSettings } from "../../src/config/otlp.ts";
import type { Ledger } from "../../src/delivery/ledger.ts";
import { createForwarder } from "../../src/handlers/forwarder.ts";
import { readDestinationTable } from "../../src/handlers/read-destinations.ts";
import { A_KEY } from "./telemetry.ts";

export interface ForwarderProcess {
  /** Invokes it; gives the ledger, also of an invocation that failed. */
  invoke(event: unknown): Promise<Ledger>;
  /** What the invocations failed with, in order; undefined = one that did not. */
  failures: (Error | undefined)[];
  /** What it printed. */
  output: string[];
}

/** A process of the function, with a memory of its own. It prints into `output` until the mocks are restored. */
export function aProcess(env: Record<string, string>, msLeft = 5_000): ForwarderProcess {
  const output: string[] = [];
  const failures: (Error | undefined)[] = [];
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    output.push(String(text));
    return true;
  });
  const table = env.DESTINATIONS ? readDestinationTable(env.DESTINATIONS) : undefined;
  const handler = createForwarder(env, undefined, readOtlpSettings(env), table);
  const context = {
    functionName: "Forwarder",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder",
    getRemainingTimeInMillis: () => msLeft,
  } as Context;
  return {
    failures,
    output,
    async invoke(event) {
      failures.push(
        await handler(event, context).then(
          () => undefined,
          (error: Error) => error,
        ),
      );
      const lines = output.filter((line) => line.includes('"ledger"'));
      return (JSON.parse(lines.at(-1) as string) as { ledger: Ledger }).ledger;
    },
  };
}

/** The entry of a Datadog that is a local intake. */
export function datadogEntry(name: string, { url, port }: { url: string; port: number }, more: object = {}): object {
  const intake = { logsHost: "127.0.0.1", logsPort: port, noSsl: true, traceIntakeUrl: url, apiUrl: url };
  return { name, type: "datadog", apiKey: A_KEY, ...intake, ...more };
}

/** The variables of the same. */
export function datadogVariables({ url, port }: { url: string; port: number }): Record<string, string> {
  return {
    ...{ DD_API_KEY: A_KEY, DD_URL: "127.0.0.1", DD_PORT: String(port), DD_NO_SSL: "true" },
    ...{ DD_TRACE_INTAKE_URL: url, DD_API_URL: url },
  };
}
