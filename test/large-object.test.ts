import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const bench = path.join(__dirname, "../bench");

/** `LARGE_OBJECT_MB=2048 npx jest test/large-object` takes an object of eight times the heap. */
const MEGABYTES = Number(process.env.LARGE_OBJECT_MB ?? 32);
const HEAP_MB = process.env.LARGE_OBJECT_MB ? 256 : 32;

/** The benchmark's own way, in a process that can import ES modules. */
const PROGRAM = `
  const { startIntake } = await import(process.argv[1] + "/intake-client.mjs");
  const { forwardObject } = await import(process.argv[1] + "/objects.mjs");
  const intake = await startIntake();
  const settings = { DD_COMPRESSION_LEVEL: "1" };
  const given = { ...JSON.parse(process.argv[2]), port: intake.port, settings };
  console.log(JSON.stringify(await forwardObject(given)));
  intake.stop();
`;

interface Forwarded {
  rawBytes: number;
  gzipBytes: number;
  ms: number;
  peakBytes: number;
  ledger: Record<string, unknown>;
}

it.each(["lines", "deliveries"])(
  `an object of ${MEGABYTES} MB of %s is forwarded in a heap of ${HEAP_MB} MB, and in little more`,
  async (kind) => {
    const given = JSON.stringify({ kind, megabytes: MEGABYTES, heapMb: HEAP_MB });
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", PROGRAM, bench, given]);
    const { rawBytes, gzipBytes, ms, peakBytes, ledger } = JSON.parse(stdout) as Forwarded;
    if (process.env.LARGE_OBJECT_MB) {
      const [raw, gzip, peak] = [rawBytes, gzipBytes, peakBytes].map((bytes) => Math.round(bytes / 2 ** 20));
      console.log(`${raw} MB from ${gzip} MB in ${Math.round(ms / 1000)} s, peak ${peak} MB`);
    }
    expect(rawBytes).toBeGreaterThan(MEGABYTES * 2 ** 20 * 0.8);
    expect(ledger).toMatchObject({ unaccounted: 0 });
    expect(ledger.destinations).toMatchObject({ "datadog-logs": { offered: ledger.logs, delivered: ledger.logs } });
    expect(peakBytes).toBeLessThan(256 * 2 ** 20);
  },
  600_000,
);
