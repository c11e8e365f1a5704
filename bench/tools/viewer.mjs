/**
 * Sends spans and logs to the local intake at a steady rate, with a live stream open and questions asked as a page asks
 * them, and reports what it took.
 *
 * Job: `{seconds, spansPerSecond, logsPerSecond}`. The intake is a process of its own: `npm start -- --intake-only`.
 */
import { spawn } from "node:child_process";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { logBodies, spanBodies } from "../lines/telemetry-bodies.mjs";

const COMMAND = fileURLToPath(new URL("../../dist/cli/main.mjs", import.meta.url));
const SPANS_A_REQUEST = 100;
const LOGS_A_REQUEST = 1_000;
const QUESTIONS = [
  "/api/services",
  "/api/service-map",
  "/api/traces?status=error",
  "/api/logs?query=payment",
  "/api/functions",
];

const { seconds, spansPerSecond, logsPerSecond } = JSON.parse(process.argv[2]);
const child = spawn(process.execPath, [COMMAND, "start", "--intake-only", "--port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const url = await urlOf(child);
  console.log(JSON.stringify(await measure(url)));
} finally {
  child.kill();
}

async function measure(url) {
  const agent = new http.Agent({ keepAlive: true });
  const live = http.get(`${url}/api/live`, (response) => response.resume()).on("error", () => {});
  const before = await status();
  const started = performance.now();
  const peaks = { rssBytes: 0, heldBytes: 0 };
  const answers = [];
  const [spanDelays, logDelays] = await Promise.all([
    send("/v1/traces", "application/x-protobuf", spanBodies(SPANS_A_REQUEST), spansPerSecond / SPANS_A_REQUEST),
    send("/api/v2/logs", "application/json", logBodies(LOGS_A_REQUEST), logsPerSecond / LOGS_A_REQUEST),
    ask(),
  ]);
  const tookSeconds = (performance.now() - started) / 1000;
  const after = await status();
  live.destroy();
  return {
    seconds: tookSeconds,
    spans: after.received.spans - before.received.spans,
    logs: after.received.logs - before.received.logs,
    cpuMs: after.process.cpuMs - before.process.cpuMs,
    bareRssBytes: before.process.rssBytes,
    ...peaks,
    maxBytes: after.limits.maxBytes,
    evicted: after.evicted,
    delaysMs: [...spanDelays, ...logDelays].sort((a, b) => a - b),
    answersMs: answers.sort((a, b) => a - b),
    unbalanced:
      Math.abs(after.received.spans - after.received.duplicateSpans - after.held.spans - after.evicted.spans) +
      Math.abs(after.received.logs - after.held.logs - after.evicted.logs),
  };

  /** @returns how long each answer took, in ms */
  async function send(path, type, bodies, requestsPerSecond) {
    const delays = [];
    const pending = [];
    let failure;
    for (let sent = 0; sent < seconds * requestsPerSecond; sent++) {
      await sleep(Math.max(0, (sent / requestsPerSecond) * 1000 - (performance.now() - started)));
      if (failure) throw failure;
      const headers = { "content-type": type, "content-encoding": "gzip", "dd-api-key": "k" };
      const begin = performance.now();
      const body = gzipSync(bodies.next().value, { level: 1 });
      const taken = request("POST", path, headers, body).then(() => delays.push(performance.now() - begin));
      // Nobody waits for it yet, and the intake must be ended in any case.
      pending.push(taken.catch((error) => (failure ??= error)));
    }
    await Promise.all(pending);
    if (failure) throw failure;
    return delays;
  }

  /** As a page that shows them all would. */
  async function ask() {
    for (let second = 1; second < seconds; second++) {
      await sleep(Math.max(0, second * 1000 - (performance.now() - started)));
      for (const question of QUESTIONS) {
        const begin = performance.now();
        await request("GET", question, {});
        answers.push(performance.now() - begin);
      }
      const { process: of, held } = await status();
      peaks.rssBytes = Math.max(peaks.rssBytes, of.rssBytes);
      peaks.heldBytes = Math.max(peaks.heldBytes, held.bytes);
    }
  }

  async function status() {
    return JSON.parse(await request("GET", "/api/status", {}));
  }

  function request(method, path, headers, body) {
    return new Promise((resolve, reject) => {
      const asked = http.request(url + path, { method, headers, agent }, (response) => {
        const chunks = [];
        response
          .on("data", (chunk) => chunks.push(chunk))
          .on("end", () => {
            const text = Buffer.concat(chunks).toString();
            if (response.statusCode < 300) resolve(text);
            else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
          });
      });
      asked.on("error", reject).end(body);
    });
  }
}

async function urlOf({ stdout }) {
  let text = "";
  for await (const chunk of stdout.setEncoding("utf8")) {
    text += chunk;
    const url = /http:\/\/\S+/.exec(text)?.[0];
    if (url && text.includes("Ctrl-C")) return url;
  }
  throw new Error("the intake did not start");
}
