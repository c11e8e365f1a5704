/** Datadog's intakes of logs and traces: takes a body whole or not at all, and knows each item that it took. */
import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import type { FaultMet, Faults } from "./faults.ts";
import type { Answer, ErrorAnswer, Service, WholeRequest } from "./faulty-server.ts";
import type { Acceptance, History, Invocation } from "./history.ts";
import { logIdsIn, traceIdsIn } from "./item-ids.ts";

const KINDS: Record<string, "logs" | "traces"> = { "/api/v2/logs": "logs", "/api/v0.2/traces": "traces" };

export class Intake implements Service {
  readonly name = "intake";
  readonly #history: History;
  readonly #faults: Faults;
  readonly #keys: Set<string>;
  readonly #refusedForever = new Set<string>();

  /** @param keys of Datadog's API; with any other the answer is 403 */
  constructor(history: History, faults: Faults, keys: Set<string>) {
    this.#history = history;
    this.#faults = faults;
    this.#keys = keys;
  }

  /** Refuses any body with one of these items in it: 400. */
  refuse(ids: string[]): void {
    for (const id of ids) this.#refusedForever.add(id);
  }

  describe({ method, url }: IncomingMessage): string {
    return `${method} ${url}`;
  }

  faultFor({ url = "", headers }: IncomingMessage, { faults }: Invocation): FaultMet | undefined {
    const kind = KINDS[url];
    const met = kind && this.#faults.atIntake(kind, Number(headers["content-length"]));
    if (met) faults.intake++;
    return met;
  }

  async answer({ message, body, invocation }: WholeRequest, error: ErrorAnswer | undefined): Promise<Answer> {
    const { url = "", headers } = message;
    const ids = this.#idsIn(url, headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
    const summary = `${ids.length} items`;
    if (error) return { ...this.#error(error, ids), summary };
    if (!this.#keys.has(String(headers["dd-api-key"]))) return { status: 403, body: "{}", summary };
    if (ids.some((id) => this.#refusedForever.has(id))) {
      return { ...this.#error({ answer: "status", status: 400 }, ids), summary: `${summary}, one of them malformed` };
    }
    // Until the answer is sent, nobody but the intake knows.
    const taken = ids.map((id): Acceptance => ({ id, invocation, answer: "none" }));
    this.#history.acceptances.push(...taken);
    const onEnd = (how: string): void => {
      for (const acceptance of taken) acceptance.answer = how;
    };
    return { status: 202, body: "{}", summary, onEnd };
  }

  #error({ status, retryAfter }: ErrorAnswer, ids: string[]): Answer {
    if (status === 400 || status === 413) for (const id of ids) this.#history.refused.add(id);
    const inASecond = retryAfter === "in seconds" ? "1" : new Date(Date.now() + 1_000).toUTCString();
    return { status, body: "{}", ...(retryAfter && { headers: { "retry-after": inASecond } }) };
  }

  #idsIn(url: string, body: Buffer): string[] {
    try {
      if (KINDS[url] === "logs") return logIdsIn(body);
      if (KINDS[url] === "traces") return traceIdsIn(body);
      throw new Error("there is no such intake");
    } catch (error) {
      this.#history.oddities.push(`${url} got ${body.length} bytes that it cannot read: ${error}`);
      return [];
    }
  }
}
