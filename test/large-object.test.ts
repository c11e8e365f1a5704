import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { endlessObject } from "./helpers/endless-object.ts";
import { s3Event } from "./helpers/s3-notices.ts";
import { A_KEY } from "./helpers/telemetry.ts";

const run = promisify(execFile);

/** `LARGE_OBJECT_MB=2048 npx jest test/large-object` is what docs/performance.md tells of. */
const MEGABYTES = Number(process.env.LARGE_OBJECT_MB ?? 48);
const HEAP_MB = process.env.LARGE_OBJECT_MB ? 256 : 64;
const UNIT_MEGABYTES = 8;

/** The intake is in the process of the function, so that nothing but the object is large: it forgets what it is sent. */
const PROGRAM = `
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => request.resume().on("end", () => response.writeHead(202).end("{}")));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env.DD_PORT = String(server.address().port);
  const { handler } = await import(process.argv[1]);
  let peakBytes = 0;
  const watch = setInterval(() => { peakBytes = Math.max(peakBytes, process.memoryUsage().rss); }, 50);
  const started = performance.now();
  await handler(JSON.parse(process.argv[2]), { getRemainingTimeInMillis: () => 900_000 });
  clearInterval(watch);
  console.log(JSON.stringify({ peakBytes, ms: performance.now() - started }));
  process.exit(0);
`;

it(`an object of ${MEGABYTES} MB is forwarded in a heap of ${HEAP_MB} MB, and in little more`, async () => {
  const lines: string[] = [];
  let length = 0;
  for (let index = 0; length < UNIT_MEGABYTES * 1024 * 1024; index++) {
    const random = ((index * 2_654_435_761) % 2 ** 32).toString(36);
    lines.push(
      `2026-11-21T02:00:00.${index % 1000}Z INFO request ${random} of customer ${index % 97} took ${index % 400} ms and found nothing to do "at all"`,
    );
    length += (lines.at(-1) as string).length + 1;
  }
  const s3 = await endlessObject(gzipSync(`${lines.join("\n")}\n`), Math.ceil(MEGABYTES / UNIT_MEGABYTES));
  const env = {
    PATH: process.env.PATH,
    ...s3.environment,
    NODE_OPTIONS: "--max-semi-space-size=2",
    DD_API_KEY: A_KEY,
    DD_URL: "127.0.0.1",
    DD_NO_SSL: "true",
    DD_COMPRESSION_LEVEL: "1",
  };
  const entry = path.join(__dirname, "../dist/forwarder.mjs");
  const parameters = [
    `--max-old-space-size=${HEAP_MB}`,
    "--input-type=module",
    "-e",
    PROGRAM,
    entry,
    JSON.stringify(s3Event("large.gz")),
  ];
  const { stdout } = await run(process.execPath, parameters, { env, maxBuffer: 2 ** 24 });
  await s3.stop();
  const printed = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const { ledger } = printed.find((line) => line.ledger) as { ledger: Record<string, unknown> };
  const { peakBytes, ms } = printed.at(-1) as { peakBytes: number; ms: number };
  const events = lines.length * Math.ceil(MEGABYTES / UNIT_MEGABYTES);
  if (process.env.LARGE_OBJECT_MB) {
    console.log(
      `${MEGABYTES} MB from ${Math.round(s3.bytes / 2 ** 20)} MB in ${Math.round(ms / 1000)} s, peak ${Math.round(peakBytes / 2 ** 20)} MB`,
    );
  }
  expect(ledger).toMatchObject({ events, logs: events, unaccounted: 0 });
  expect(peakBytes).toBeLessThan(256 * 2 ** 20);
}, 600_000);
