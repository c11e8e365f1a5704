/** Lambda's part: processes that stay warm, asynchronous invocations that are tried again, and the on-failure queue. */
import { A_KEY } from "../helpers/telemetry.ts";
import type { Bucket } from "./bucket.ts";
import { BUCKET } from "./bucket.ts";
import { type Caller, startFaultyServer } from "./faulty-server.ts";
import { FunctionProcess, type Kill } from "./function-process.ts";
import { type Delivery, type History, type Invocation, newInvocation } from "./history.ts";
import type { Intake } from "./intake.ts";

const MS_LEFT = 10_000;
/** The first invocation and two more. */
const MAX_ATTEMPTS = 3;

export interface LambdaSettings {
  history: History;
  intake: Intake;
  /** A second backend beside it. Absent: the function sends to Datadog alone. */
  otlp?: Intake | undefined;
  bucket: Bucket;
  /** Added to the function's environment, or in place of a part of it. */
  environment?: Record<string, string>;
  /** Of an intake that speaks https. */
  tls?: { key: Buffer; cert: Buffer };
  /** The time of an invocation. */
  msLeft?: number;
}

export class Lambda {
  readonly #settings: LambdaSettings;
  readonly #events = new Map<Delivery, unknown>();
  /** Warm processes; the last is the next to be used. */
  #idle: FunctionProcess[] = [];
  /** By the order in which they started. */
  readonly #numbers = new Map<FunctionProcess, number>();
  #clockAheadMs = 0;

  constructor(settings: LambdaSettings) {
    this.#settings = settings;
  }

  /** Lambda takes an event over. Nothing is invoked yet. */
  take(event: unknown, ids: string[]): Delivery {
    const delivery: Delivery = { ids, attempts: 0, state: "to be invoked" };
    this.#settings.history.deliveries.push(delivery);
    this.#events.set(delivery, event);
    return delivery;
  }

  /** Hands an event to the function once, and puts it on the on-failure queue when that was its last chance. */
  async deliver(delivery: Delivery, kill?: Kill): Promise<Invocation> {
    delivery.attempts++;
    const invocation = await this.#invoke(this.#events.get(delivery), delivery, kill);
    if (invocation.end?.how === "returned") delivery.state = "succeeded";
    else if (delivery.attempts === MAX_ATTEMPTS) delivery.state = "on-failure queue";
    return invocation;
  }

  /** Events whose invocation failed and that have another chance. */
  toBeInvokedAgain(): Delivery[] {
    return this.#settings.history.deliveries.filter(({ state, attempts }) => state === "to be invoked" && attempts > 0);
  }

  /** The schedule's invocation. */
  redrive(kill?: Kill): Promise<Invocation> {
    return this.#invoke({ retry: true }, undefined, kill);
  }

  /** Puts the clock of the function forward, which may be done only while nothing runs. */
  wait(minutes: number): void {
    this.#clockAheadMs += minutes * 60_000;
  }

  /** The servers close connections over which nothing is sent, while the processes are frozen. */
  closeIdleConnections(): void {
    for (const process of this.#idle) process.closeIdleConnections();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#idle.map((process) => process.stop()));
    this.#idle = [];
  }

  async #invoke(event: unknown, delivery: Delivery | undefined, kill: Kill | undefined): Promise<Invocation> {
    const { history, msLeft = MS_LEFT } = this.#settings;
    const process = this.#idle.pop() ?? (await this.#startProcess());
    const invocation = newInvocation(history.invocations.length + 1, delivery, this.#numbers.get(process));
    history.invocations.push(invocation);
    const what = delivery
      ? `delivery ${history.deliveries.indexOf(delivery) + 1}, attempt ${delivery.attempts}`
      : "redrive";
    history.trace.push(`  invocation ${invocation.number}: ${what}, process ${invocation.process}`);
    const end = await process.invoke(event, invocation, { msLeft, clockAheadMs: this.#clockAheadMs, kill });
    const left = "msLeft" in end ? `, ${end.msLeft} ms left` : "";
    const busy = invocation.isStarved ? ", on a busy machine" : "";
    const message = "message" in end ? `: ${end.message}` : "";
    history.trace.push(`  invocation ${invocation.number} ${end.how}${left}${busy}${message}`);
    if (!process.isDead) this.#idle.push(process);
    return invocation;
  }

  async #startProcess(): Promise<FunctionProcess> {
    const { history, intake, otlp, bucket, tls } = this.#settings;
    const process = await FunctionProcess.start({
      history,
      servers: async (caller: Caller) => {
        const intakeServer = await startFaultyServer(caller, intake, tls);
        const s3Server = await startFaultyServer(caller, bucket);
        const otlpServer = otlp && (await startFaultyServer(caller, otlp));
        return {
          servers: [intakeServer, s3Server, ...(otlpServer ? [otlpServer] : [])],
          environment: {
            ...this.#environment(intakeServer.port, s3Server.port),
            ...(otlpServer && { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlpServer.port}` }),
            ...this.#settings.environment,
          },
        };
      },
    });
    this.#numbers.set(process, this.#numbers.size + 1);
    return process;
  }

  #environment(intakePort: number, s3Port: number): Record<string, string> {
    const scheme = this.#settings.tls ? "https" : "http";
    return {
      DD_API_KEY: A_KEY,
      DD_URL: "127.0.0.1",
      DD_PORT: String(intakePort),
      DD_NO_SSL: String(!this.#settings.tls),
      DD_TRACE_INTAKE_URL: `${scheme}://127.0.0.1:${intakePort}`,
      DD_API_URL: `${scheme}://127.0.0.1:${intakePort}`,
      DD_STORE_FAILED_EVENTS: "true",
      DD_S3_BUCKET_NAME: BUCKET,
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${s3Port}`,
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "eu-west-1",
      AWS_LAMBDA_FUNCTION_NAME: "Forwarder",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/Forwarder",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    };
  }
}
