/**
 * One bare POST over a connection that stays open, with the first body the forwarder sent. Job:
 * `{port, bodies, iterations}`. With `isCold` it is done once, and what is reported is the moment: monotonic time in ms.
 */
import http from "node:http";
import { gzipSync } from "node:zlib";
import { job, measure, readBodies, report } from "./measure.mjs";

const agent = new http.Agent({ keepAlive: true });
const [{ path, encoding, raw }] = readBodies(job.bodies);
const body = encoding === "identity" ? raw : gzipSync(raw);
const headers = { "content-type": "application/json", "content-encoding": encoding, "content-length": body.length };

if (job.isCold) {
  await post();
  report({ atMs: Number(process.hrtime.bigint()) / 1e6 });
} else {
  report(await measure(job.iterations, post));
}

function post() {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: job.port, path, method: "POST", agent, headers };
    const request = http.request(options, (response) => response.resume().on("end", resolve));
    request.on("error", reject).end(body);
  });
}
