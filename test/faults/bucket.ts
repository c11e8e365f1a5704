/** The bucket of the failure store: the emulator's S3, with faults, and with a look at what is in it. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { s3 } from "../emulator/s3.ts";
import type { AwsAnswer, AwsCall } from "../emulator/service.ts";
import type { FaultMet, Faults, S3Operation } from "./faults.ts";
import type { Answer, ErrorAnswer, Service, WholeRequest } from "./faulty-server.ts";
import { FUNCTION_ARN } from "./function-process.ts";
import type { History, Invocation } from "./history.ts";
import { type StoredIds, storedIdsIn } from "./stored-ids.ts";

export const BUCKET = "failed-events";
/** Of the function under test, in the Datadog Forwarder's layout. */
export const FOLDER = `failed_events/${createHash("sha1").update(FUNCTION_ARN.toLowerCase()).digest("hex")}`;

/** The copies of log events in the store's objects. */
export interface Stored {
  toRedrive: Set<string>;
  quarantined: Set<string>;
  /** How many objects that nobody can read are gone. */
  nonsenseMissing: number;
}

export class Bucket implements Service {
  readonly name = "S3";
  readonly #history: History;
  readonly #faults: Faults;
  readonly #nonsense = new Set<string>();
  #left = 0;
  readonly #s3 = s3({ region: "eu-west-1", accountId: "123456789012" });

  constructor(history: History, faults: Faults) {
    this.#history = history;
    this.#faults = faults;
  }

  /** Without it, every call is answered with NoSuchBucket. */
  async create(): Promise<void> {
    await this.#s3.resourceTypes?.["AWS::S3::Bucket"]?.create({ BucketName: BUCKET }, BUCKET);
  }

  /** The keys of what a redrive has to send, a rest and its original both. */
  async keysToRedrive(): Promise<string[]> {
    return (await this.keys()).filter(isToRedrive);
  }

  /** All keys in it. */
  async keys(): Promise<string[]> {
    const found: string[] = [];
    for (let token = ""; ; ) {
      const query = new URLSearchParams({ "list-type": "2", ...(token && { "continuation-token": token }) });
      const page = String((await this.#call("GET", "", query)).body);
      found.push(...textsOf("Key", page));
      [token = ""] = textsOf("NextContinuationToken", page);
      if (token === "") return found;
    }
  }

  async object(key: string): Promise<Buffer> {
    return Buffer.from((await this.#call("GET", key)).body as Buffer);
  }

  /** As a Datadog Forwarder stores what it cannot deliver: a list of texts, each the JSON of a log. */
  async leaveLogs(ids: string[]): Promise<void> {
    const texts = ids.map((id) => JSON.stringify({ id, message: "left behind", ddsource: "lambda" }));
    await this.#leave(Buffer.from(JSON.stringify(texts)));
  }

  /** An object that nobody can read. */
  async leaveNonsense(): Promise<void> {
    const nonsense = `nonsense ${this.#nonsense.size}`;
    this.#nonsense.add(nonsense);
    await this.#leave(Buffer.from(nonsense));
  }

  async #leave(body: Buffer): Promise<void> {
    const name = (1_763_712_345 + this.#left++ / 1e6).toFixed(6);
    await this.#call("PUT", `${FOLDER}/logs/${name}`, new URLSearchParams(), body);
  }

  async stored(): Promise<Stored> {
    const stored: Stored = { toRedrive: new Set(), quarantined: new Set(), nonsenseMissing: this.#nonsense.size };
    for (const key of await this.keys()) {
      const ids = isToRedrive(key) ? stored.toRedrive : isQuarantined(key) ? stored.quarantined : undefined;
      if (!ids) continue;
      const object = await this.object(key);
      if (this.#nonsense.has(object.toString())) stored.nonsenseMissing--;
      else for (const id of this.#idsIn(key, object).ids) ids.add(id);
    }
    return stored;
  }

  describe(request: IncomingMessage): string {
    const { pathname, searchParams } = urlOf(request);
    const key = decodeURIComponent(pathname).split("/").slice(2).join("/");
    return `S3 ${operationOf(request)} ${key || (searchParams.get("prefix") ?? "")}`;
  }

  faultFor(request: IncomingMessage, { faults }: Invocation): FaultMet | undefined {
    const met = this.#faults.atS3(operationOf(request));
    if (met) faults.s3++;
    return met;
  }

  async answer({ message, body, invocation }: WholeRequest, error: ErrorAnswer | undefined): Promise<Answer> {
    if (error) {
      const body = `<Error><Code>${error.code}</Code><Message>as told</Message></Error>`;
      return { status: error.status, headers: { "content-type": "application/xml" }, body, summary: error.code ?? "" };
    }
    const { pathname, searchParams } = urlOf(message);
    const path = decodeURIComponent(pathname);
    const headers = message.headers as Record<string, string>;
    const method = message.method ?? "GET";
    const call: AwsCall = { service: "s3", accessKeyId: "AKIDTEST", method, path, query: searchParams, headers, body };
    const answered = await this.#s3.answer(call);
    const onEnd = await this.#onEndOf(message, answered, invocation);
    return { ...answered, ...(onEnd && { onEnd }) };
  }

  /** Counts items whose safe arrival the function heard of. */
  async #onEndOf(message: IncomingMessage, { status }: AwsAnswer, invocation: Invocation): Promise<Answer["onEnd"]> {
    const key = decodeURIComponent(urlOf(message).pathname).split("/").slice(2).join("/");
    if (operationOf(message) !== "PUT" || status >= 300 || !(isToRedrive(key) || isQuarantined(key))) return undefined;
    const { destination, ids } = this.#idsIn(key, await this.object(key));
    return (how) => {
      if (how !== "whole") return;
      invocation.itemsStored[destination] = (invocation.itemsStored[destination] ?? 0) + ids.length;
    };
  }

  #idsIn(key: string, object: Buffer): StoredIds {
    try {
      return storedIdsIn(object);
    } catch (error) {
      this.#history.oddities.push(`the stored object ${key} cannot be read: ${error}`);
      return { destination: "", ids: [] };
    }
  }

  #call(
    method: string,
    key: string,
    query = new URLSearchParams(),
    body: Buffer = Buffer.alloc(0),
  ): Promise<AwsAnswer> {
    const path = `/${BUCKET}/${key}`;
    return this.#s3.answer({ service: "s3", accessKeyId: "AKIDTEST", method, path, query, headers: {}, body });
  }
}

function isToRedrive(key: string): boolean {
  return ["logs", "traces", "metrics"].some((kind) => key.startsWith(`${FOLDER}/${kind}/`));
}

function isQuarantined(key: string): boolean {
  return key.startsWith(`${FOLDER}/quarantine/`);
}

function operationOf({ method = "GET", url = "", headers }: IncomingMessage): S3Operation {
  if (headers["x-amz-copy-source"]) return "COPY";
  if (method === "PUT" || method === "DELETE") return method;
  if (method === "POST" && url.includes("?delete")) return "DELETE";
  return url.includes("list-type=2") ? "LIST" : "GET";
}

function urlOf({ url = "/" }: IncomingMessage): URL {
  return new URL(url, "http://s3");
}

function textsOf(element: string, xml: string): string[] {
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map((match) => match[1] as string);
}
