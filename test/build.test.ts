import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { unzipSync } from "fflate";
import { aDelivery } from "./helpers/deliveries.ts";
import { anIntake } from "./helpers/intake.ts";
import { A_KEY } from "./helpers/telemetry.ts";

const dist = path.join(__dirname, "../dist");
const run = promisify(execFile);

/** Hands one event to the built function. */
const PROGRAM = `
  const { handler } = await import(process.argv[1]);
  await handler(JSON.parse(process.argv[2]), { getRemainingTimeInMillis: () => 5000 });
  process.exit(0);
`;

describe("the built function", () => {
  it("loads no AWS SDK client to deliver a log", async () => {
    const entry = readFileSync(path.join(dist, "forwarder.mjs"), "utf8");
    const eager = entry.matchAll(/(?:^|[;}])\s*import\s*(?:[^"'()]*from\s*)?["']([^"']+)["']/g);
    const modules = [...eager].map((match) => match[1] as string);
    expect(modules.length).toBeGreaterThan(0);
    expect(modules.filter((name) => !name.startsWith("node:"))).toEqual([]);
    expect(readdirSync(path.join(dist, "chunks")).length).toBeGreaterThan(2);
    expect(statSync(path.join(dist, "forwarder.mjs")).size).toBeLessThan(60_000);
  });

  it("delivers in a process of its own", async () => {
    const intake = await anIntake();
    const env = {
      PATH: process.env.PATH,
      DD_API_KEY: A_KEY,
      DD_URL: "127.0.0.1",
      DD_PORT: String(intake.port),
      DD_NO_SSL: "true",
      DD_TRACE_INTAKE_URL: intake.url,
    };
    const args = [
      "--input-type=module",
      "-e",
      PROGRAM,
      path.join(dist, "forwarder.mjs"),
      JSON.stringify(aDelivery(["hello"])),
    ];
    const { stdout } = await run(process.execPath, args, { env });
    expect(JSON.parse(stdout.split("\n")[0] as string).ledger).toMatchObject({ events: 1, unaccounted: 0 });
    expect(intake.logs().map(({ message }) => message)).toEqual(["hello"]);
    await intake.stop();
  });

  it("is packed whole, with nothing else and nothing that changes from build to build", () => {
    const files = unzipSync(readFileSync(path.join(dist, "forwarder.zip")));
    const chunks = readdirSync(path.join(dist, "chunks")).map((name) => `dist/chunks/${name}`);
    expect(Object.keys(files).sort()).toEqual([...chunks, "dist/forwarder.mjs"].sort());
    for (const [name, bytes] of Object.entries(files))
      expect(Buffer.from(bytes)).toEqual(readFileSync(path.join(dist, "..", name)));
  });
});
