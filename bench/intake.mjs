/**
 * A local intake, a process of its own: takes every POST, answers 202, and counts requests and bytes by path.
 *
 * Started by `intake-client.mjs` with an IPC channel. Messages in: `{latencyMs}`, `{capture: boolean}`, `{take: true}`.
 * Messages out: `{port}` once it listens, `{failed}` when it cannot, and for `take` `{taken}`: what came since the last
 * time, with the bodies if it captures.
 */
import { createServer } from "node:http";

let latencyMs = 0;
let isCapturing = false;
let paths = {};
let bodies = [];

const server = createServer((request, response) => {
  const chunks = [];
  let bytes = 0;
  request.on("data", (chunk) => {
    bytes += chunk.length;
    if (isCapturing) chunks.push(chunk);
  });
  request.on("end", () => {
    const path = request.url;
    paths[path] ??= { requests: 0, bytes: 0 };
    paths[path].requests++;
    paths[path].bytes += bytes;
    if (isCapturing) {
      const encoding = request.headers["content-encoding"] ?? "identity";
      bodies.push({ path, encoding, wire: Buffer.concat(chunks) });
    }
    const answer = () => response.writeHead(202).end("{}");
    if (latencyMs > 0) setTimeout(answer, latencyMs);
    else answer();
  });
});
server.keepAliveTimeout = 60_000;

server.on("error", (error) => process.send({ failed: error.message }));
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));

process.on("message", (message) => {
  if (message.latencyMs !== undefined) latencyMs = message.latencyMs;
  if (message.capture !== undefined) isCapturing = message.capture;
  if (message.take) {
    process.send({ taken: { paths, bodies } });
    [paths, bodies] = [{}, []];
  }
});
process.on("disconnect", () => process.exit());
