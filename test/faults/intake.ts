/** The intakes of a backend for logs and traces: takes a body whole or not at all, and knows each item that it took. */
import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { type Backend, DATADOG } from "./backends.ts";
import type { FaultMet, Faults } from "./faults.ts";
import type { Answer, ErrorAnswer, Service, WholeRequest } from "./faulty-server.ts";
import type { Acceptance, History, Invocation } from "./history.ts";

export class Intake implements Service {
  readonly name: string;
  readonly #backend: Backend;
  readonly #history: History;
  readonly #faults: Faults;
  readonly #keys: Set<string>;
  readonly #refusedForever = new Set<string>();

  /** @param keys of Datadog's API; with any other the answer is 403 */
  constructor(history: History, faults: Faults, keys: Set<string>, backend = DATADOG) {
    this.name = backend.name;
    this.#backend = backend;
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
    const endpoint = this.#backend.endpoints[url];
    const met = endpoint && this.#faults.atIntake(endpoint.place, Number(headers["content-length"]));
    if (met) faults.intake++;
    return met;
  }

  async answer({ message, body, invocation }: WholeRequest, error: ErrorAnswer | undefined): Promise<Answer> {
    const { url = "", headers } = message;
    const ids = this.#idsIn(url, headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
    const summary = `${ids.length} items`;
    if (error) return { ...this.#error(error, ids), summary };
    const { asksForKey, endpoints, taken: answer } = this.#backend;
    if (asksForKey && !this.#keys.has(String(headers["dd-api-key"]))) return { status: 403, body: "{}", summary };
    if (ids.some((id) => this.#refusedForever.has(id))) {
      return { ...this.#error({ answer: "status", status: 400 }, ids), summary: `${summary}, one of them malformed` };
    }
    // Until the answer is sent, nobody but the intake knows.
    const destination = endpoints[url]?.destination ?? "";
    const taken = ids.map((id): Acceptance => ({ id, destination, invocation, answer: "none" }));
    this.#history.acceptances.push(...taken);
    const onEnd = (how: string): void => {
      for (const acceptance of taken) acceptance.answer = how;
    };
    return { ...answer, summary, onEnd };
  }

  #error({ status, retryAfter }: ErrorAnswer, ids: string[]): Answer {
    if (status === 400 || status === 413) for (const id of ids) this.#history.refused.add(id);
    const inASecond = retryAfter === "in seconds" ? "1" : new Date(Date.now() + 1_000).toUTCString();
    return { status, body: "{}", ...(retryAfter && { headers: { "retry-after": inASecond } }) };
  }

  #idsIn(url: string, body: Buffer): string[] {
    try {
      const endpoint = this.#backend.endpoints[url];
      if (!endpoint) throw new Error("there is no such intake");
      return endpoint.idsIn(body);
    } catch (error) {
      this.#history.oddities.push(`${url} got ${body.length} bytes that it cannot read: ${error}`);
      return [];
    }
  }
}
