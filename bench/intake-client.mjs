/** Starts the intake's process and speaks with it. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** @returns {Promise<Intake>} */
export async function startIntake() {
  const child = fork(fileURLToPath(new URL("intake.mjs", import.meta.url)), {
    serialization: "advanced",
    execArgv: [],
  });
  const exited = once(child, "exit").then(([code]) => [{ failed: `it exited with ${code}` }]);
  const [{ port, failed }] = await Promise.race([once(child, "message"), exited]);
  if (failed) {
    child.disconnect();
    throw new Error(`the local intake cannot start: ${failed}`);
  }
  return new Intake(child, port);
}

class Intake {
  #child;

  constructor(child, port) {
    this.#child = child;
    this.port = port;
  }

  /** @param {number} latencyMs between the end of a request and its answer */
  answerAfter(latencyMs) {
    this.#child.send({ latencyMs });
  }

  /** What `run` sends: `{paths: {[path]: {requests, bytes}}, bodies: [{path, encoding, wire}]}`. */
  async capture(run) {
    this.#child.send({ capture: true });
    await this.#take();
    await run();
    this.#child.send({ capture: false });
    return this.#take();
  }

  async #take() {
    const answer = once(this.#child, "message");
    this.#child.send({ take: true });
    const [{ taken }] = await answer;
    return taken;
  }

  stop() {
    this.#child.disconnect();
  }
}
