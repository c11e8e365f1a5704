/** Deliveries on disk, each with what the forwarder sends for it: what the tools read. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { unzipSync } from "node:zlib";
import { FORWARDER, forwarderEnv, runTool } from "./child.mjs";
import { DELIVERIES, makeDelivery } from "./deliveries.mjs";

/**
 * @typedef {object} Prepared
 * @property {string} name
 * @property {string} kind
 * @property {import("./deliveries.mjs").Facts} facts
 * @property {string} event file with the Lambda event
 * @property {string} bodies directory with what the forwarder sent for it
 * @property {{path: string, encoding: string, wireBytes: number, raw: Buffer}[]} sent
 * @property {{[path: string]: {requests: number, bytes: number}}} paths
 */

export class Workspace {
  #directory = mkdtempSync(path.join(tmpdir(), "forwarder-bench-"));
  #intake;
  #prepared = new Map();

  constructor(intake) {
    this.#intake = intake;
  }

  /** One of the deliveries with a name. */
  named(name) {
    return this.prepare(name, DELIVERIES[name]);
  }

  /**
   * @param {string} name of a file
   * @param {object} given for `makeDelivery`
   * @returns {Promise<Prepared>}
   */
  prepare(name, given) {
    if (!this.#prepared.has(name)) this.#prepared.set(name, this.#make(name, given));
    return this.#prepared.get(name);
  }

  async #make(name, given) {
    const { event, facts } = makeDelivery(given);
    const directory = path.join(this.#directory, name);
    mkdirSync(directory);
    const eventFile = path.join(directory, "event.json");
    writeFileSync(eventFile, JSON.stringify(event));
    const job = { forwarder: FORWARDER, event: eventFile };
    const { paths, bodies } = await this.#intake.capture(() => runTool("cold", job, forwarderEnv(this.#intake.port)));
    const sent = bodies.map(({ wire, encoding, path }) => {
      const raw = encoding === "identity" ? Buffer.from(wire) : unzipSync(wire);
      return { path, encoding, wireBytes: wire.length, raw };
    });
    const list = sent.map(({ raw, ...body }, index) => {
      writeFileSync(path.join(directory, `body-${index}`), raw);
      return { ...body, file: `body-${index}` };
    });
    writeFileSync(path.join(directory, "bodies.json"), JSON.stringify(list));
    return { name, kind: given.kind, facts, event: eventFile, bodies: directory, sent, paths };
  }

  remove() {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
