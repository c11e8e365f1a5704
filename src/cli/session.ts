import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger } from "../delivery/ledger.ts";
import { type Intake, type IntakeSettings, startIntake } from "../viewer/intake.ts";
import type { Snapshot } from "../viewer/store.ts";
import { type LocalForwarder, startLocalForwarder } from "./local-forwarder.ts";
import type { Round } from "./round.ts";
import { StartError } from "./start-error.ts";
import { requestPath, startThinker, type Thinker } from "./thinker.ts";

export interface SessionSettings {
  /** The folder of this repository, built. */
  root: string;
  hostModule: string;
  /** Of the intake; 0 takes any free port. */
  port: number;
  /** Where and under which names the intake listens besides, and the page that it serves. */
  listen?: Pick<IntakeSettings, "host" | "allowedHosts" | "page">;
  /** How long a trace may take from the forwarder to the intake. */
  patienceMs?: number;
}

/** The intake, the two functions and the forwarder between them, running. */
export interface Session {
  intakeUrl: string;
  /** @throws {StartError} when the trace does not arrive */
  runRound(): Promise<Round>;
  stop(): Promise<void>;
}

/** @throws {StartError} when a part of it cannot start */
export async function startSession({
  root,
  hostModule,
  port,
  listen = {},
  patienceMs = 10_000,
}: SessionSettings): Promise<Session> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const intake = await startLocalIntake({ port, ...listen });
    stops.push(intake.close);
    const forwarder = await startLocalForwarder({ root, hostModule, intake });
    stops.push(forwarder.stop);
    const thinker = await startThinker({ root, hostModule });
    stops.push(thinker.stop);
    return { intakeUrl: intake.url, runRound: () => runRound(intake, forwarder, thinker, patienceMs), stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function stop() {
    await Promise.all(stops.map((stopOne) => stopOne()));
  }
}

/** @throws {StartError} when it cannot listen there */
export async function startLocalIntake(settings: IntakeSettings & { port: number }): Promise<Intake> {
  return startIntake(settings).catch((error) => {
    throw portError(error, settings.port);
  });
}

async function runRound(
  intake: Intake,
  forwarder: LocalForwarder,
  thinker: Thinker,
  patienceMs: number,
): Promise<Round> {
  const mark = intake.store.mark();
  const requestMs = await timed(thinker.request);
  const { events, deliveries } = thinker.takeOutput();
  const ledger: Ledger[] = [];
  const forwardMs = await timed(async () => {
    for (const delivery of deliveries) ledger.push(...(await forwarder.forward(delivery)));
  });
  for (const books of ledger) intake.store.addLedger({ ...books });
  const received = await arrived(intake, mark, patienceMs);
  return { requestPath, requestMs, events, deliveries: deliveries.length, forwardMs, received, ledger };
}

/** What came to the intake after the mark, as soon as a trace with both services is among it. */
async function arrived(intake: Intake, mark: number, patienceMs: number): Promise<Snapshot> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const received = intake.store.snapshot(mark);
    if (received.traces.some(({ spans }) => hasBothServices(spans))) return received;
    if (performance.now() > deadline) throw notArrived(intake, received, patienceMs);
    await sleep(50);
  }
}

function hasBothServices(spans: { service: string }[]): boolean {
  const services = new Set(spans.map(({ service }) => service));
  return services.has("thinker-api") && services.has("thinker-microservice");
}

function notArrived(intake: Intake, { traces, uncorrelatedLogs }: Snapshot, patienceMs: number): StartError {
  const spans = traces.reduce((sum, trace) => sum + trace.spans.length, 0);
  const logs = traces.reduce((sum, trace) => sum + trace.logs.length, uncorrelatedLogs.length);
  return new StartError(
    `the trace did not arrive within ${patienceMs / 1000} seconds; the intake got ${spans} spans and ${logs} logs`,
    ["requests that the intake refused:", ...(intake.refusals().length > 0 ? intake.refusals() : ["none"])].join(
      "\n  ",
    ),
  );
}

function portError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === "EADDRINUSE") {
    return new StartError(
      `port ${port} is in use`,
      "stop what listens there, or choose another: npm start -- --port N",
      { cause: error },
    );
  }
  if (error.code === "EACCES") {
    return new StartError(`port ${port} is not allowed`, "choose one from 1024 up: npm start -- --port N", {
      cause: error,
    });
  }
  return error;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
