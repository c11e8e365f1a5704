import { createRequire } from "node:module";
import path from "node:path";
import { type Delivery, deliveriesOf, type LogEvent } from "./deliveries.ts";
import { type HttpFront, startHttpFront } from "./http-front.ts";
import { type LocalFunction, startLocalFunction } from "./local-function.ts";
import { StartError } from "./start-error.ts";

/** The two functions of `examples/thinker`, running. */
export interface Thinker {
  /**
   * One request to thinker-api.
   *
   * @throws {StartError} when it is not answered well
   */
  request(): Promise<void>;
  /** What the functions printed since the last call, as CloudWatch Logs delivers it. */
  takeOutput(): { events: number; deliveries: Delivery[] };
  stop(): Promise<void>;
}

export interface ThinkerSettings {
  /** The folder of this repository. */
  root: string;
  hostModule: string;
}

export const requestPath = "/think?subject=technology&subject=foo_bar";

/** What the two functions would have in their deployment; the second half keeps the tracer off the network. */
const tracerEnvironment = {
  DD_ENV: "dev",
  DD_VERSION: "1.0.0",
  DD_TRACE_ENABLED: "true",
  DD_LOGS_INJECTION: "true",
  DD_FLUSH_TO_LOG: "true",
  DD_TRACE_MANAGED_SERVICES: "false",
  DD_COLD_START_TRACING: "false",

  DD_INSTRUMENTATION_TELEMETRY_ENABLED: "false",
  DD_REMOTE_CONFIGURATION_ENABLED: "false",
  DD_CRASHTRACKING_ENABLED: "false",
  DD_TRACE_STARTUP_LOGS: "false",
};

/** Starts both functions, each behind an HTTP server of its own: thinker-api calls thinker-microservice. */
export async function startThinker({ root, hostModule }: ThinkerSettings): Promise<Thinker> {
  const folder = path.join(root, "examples", "thinker");
  const preload = [tracerModule(folder)];
  const stops: (() => Promise<void>)[] = [];
  const outputs: { local: LocalFunction; events: LogEvent[]; taken: number }[] = [];
  try {
    const microserviceUrl = await start("thinker-microservice", {});
    const apiUrl = await start("thinker-api", { THINKER_MICROSERVICE_URL: microserviceUrl });
    return { request: () => request(apiUrl), takeOutput, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function start(functionName: string, environment: Record<string, string>): Promise<string> {
    const events: LogEvent[] = [];
    const local = await startLocalFunction({
      functionName,
      handler: path.join(folder, `${functionName}.handler`),
      environment: { DD_SERVICE: functionName, ...tracerEnvironment, ...environment },
      hostModule,
      preload,
      onLogEvent: (event) => events.push(event),
    });
    outputs.push({ local, events, taken: 0 });
    stops.push(local.stop);
    const front: HttpFront = await startHttpFront(local.invoke);
    stops.push(front.close);
    return front.url;
  }

  async function request(url: string) {
    const response = await fetch(url + requestPath, { signal: AbortSignal.timeout(60_000) });
    const answer = await response.text();
    if (response.ok) return;
    const printed = outputs.flatMap(({ events }) => events.map(({ message }) => message)).join("");
    throw new StartError(
      `thinker-api answered ${response.status} ${answer}`,
      `see what the functions printed:\n${printed}`,
    );
  }

  function takeOutput() {
    let count = 0;
    const deliveries = outputs.flatMap((output) => {
      const { logGroup, logStream } = output.local;
      const events = output.events.splice(0);
      const first = output.taken;
      output.taken += events.length;
      count += events.length;
      return deliveriesOf({ owner: "123456789012", logGroup, logStream }, events, first);
    });
    return { events: count, deliveries };
  }

  async function stop() {
    await Promise.all(stops.map((stopOne) => stopOne()));
  }
}

function tracerModule(folder: string): string {
  try {
    return createRequire(path.join(folder, "thinker-api.cjs")).resolve("dd-trace/init");
  } catch (error) {
    throw new StartError("dd-trace is not installed", "install what the examples need: npm install", { cause: error });
  }
}
