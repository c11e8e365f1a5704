/** Every tool once on tiny deliveries: shows that they work and handle the same bytes, not how fast. */
import assert from "node:assert/strict";
import { FORWARDER, forwarderEnv, runTool } from "./child.mjs";
import { measureBytes } from "./measures/bytes.mjs";

const TINY = {
  lambda: { kind: "lambda", requests: 5 },
  trace: { kind: "trace", requests: 2 },
  text: { kind: "text", events: 40 },
};

/** @throws {assert.AssertionError} */
export async function smoke({ workspace, intake }) {
  const env = forwarderEnv(intake.port);
  for (const [name, given] of Object.entries(TINY)) {
    const prepared = await workspace.prepare(name, given);
    const { event, bodies, facts, sent } = prepared;
    const job = { forwarder: FORWARDER, event, bodies, port: intake.port, iterations: 2, invocations: 1 };
    const [{ ledger }, memory, plain, tuned, json, post] = await Promise.all([
      runTool("forwarder", job, env),
      runTool("memory", job, env),
      runTool("zlib", job),
      runTool("zlib", { ...job, isTuned: true }),
      runTool("json", job),
      runTool("post", job),
    ]);
    assert.equal(ledger.events, facts.events);
    assert.equal(ledger.unaccounted, 0);
    assert.equal(ledger.traceLines, facts.traceLines);
    assert.equal(ledger.spans, facts.spans);
    const rawBytesOut = sent.reduce((sum, { raw }) => sum + raw.length, 0);
    for (const floor of [plain, tuned, json]) {
      assert.equal(floor.rawBytesIn, facts.rawBytes);
      assert.equal(floor.rawBytesOut, rawBytesOut);
      assert.ok(floor.cpuMs >= 0);
    }
    assert.ok(post.wallMs > 0);
    assert.ok(memory.peakBytes > 1e6);
  }
  const { figures } = await measureBytes({ workspace, deliveries: ["lambda-1k"], progress: () => {} });
  for (const { id, value } of figures) assert.ok(value > 0, id);
  const { event } = await workspace.named("lambda-1k");
  const { cpuMs } = await runTool("warming", { forwarder: FORWARDER, event, ends: [1, 3] }, env);
  assert.equal(cpuMs.length, 2);
  const { files } = await runTool("loaded", { forwarder: FORWARDER, event }, env);
  assert.ok(files.includes("forwarder.mjs"));
  const { atMs } = await runTool("bare", {});
  assert.ok(atMs > 0);
}
