import { existsSync } from "node:fs";
import path from "node:path";
import type { Ledger } from "../delivery/ledger.ts";
import type { Delivery } from "./deliveries.ts";
import { ledgerOf } from "./ledger-line.ts";
import { startLocalFunction } from "./local-function.ts";
import { StartError } from "./start-error.ts";

/** The built forwarder, running as its function would, with the intake on this machine as its destination. */
export interface LocalForwarder {
  /**
   * Gives the ledgers that the forwarder printed meanwhile.
   *
   * @throws {StartError} when the forwarder throws
   */
  forward(delivery: Delivery): Promise<Ledger[]>;
  stop(): Promise<void>;
}

export interface LocalForwarderSettings {
  /** The folder of this repository. */
  root: string;
  hostModule: string;
  intake: { url: string; port: number };
  /** Settings besides. */
  environment?: Record<string, string>;
  /** Of the log groups. */
  region?: string;
}

/** @throws {StartError} when it is not built or cannot start */
export async function startLocalForwarder({
  root,
  hostModule,
  intake,
  environment = {},
  region,
}: LocalForwarderSettings): Promise<LocalForwarder> {
  if (!existsSync(path.join(root, "dist", "forwarder.mjs"))) {
    throw new StartError("dist/forwarder.mjs is missing", "build it: npm run build");
  }
  let printed: string[] = [];
  const local = await startLocalFunction({
    functionName: "log-trace-forwarder",
    handler: path.join(root, "dist", "forwarder.handler"),
    environment: {
      DD_API_KEY: "00000000000000000000000000000000",
      DD_URL: "127.0.0.1",
      DD_PORT: String(intake.port),
      DD_NO_SSL: "true",
      DD_TRACE_INTAKE_URL: intake.url,
      DD_API_URL: intake.url,
      ...environment,
    },
    ...(region && { region }),
    hostModule,
    onLogEvent: ({ message }) => printed.push(message),
  }).catch((error: Error) => {
    throw new StartError(`the forwarder does not start: ${error.message}`, whatItPrinted(), { cause: error });
  });
  return { forward, stop: local.stop };

  async function forward(delivery: Delivery) {
    printed = [];
    try {
      await local.invoke(delivery);
    } catch (error) {
      const { name, message } = error as Error;
      throw new StartError(`the forwarder failed: ${name}: ${message}`, whatItPrinted(), { cause: error });
    }
    return printed.map(ledgerOf).filter((ledger) => ledger !== undefined);
  }

  function whatItPrinted(): string {
    return `see what it printed:\n${printed.slice(-20).join("")}`;
  }
}
