import { execFile } from "node:child_process";
import path from "node:path";
import type { Ledger } from "../../src/delivery/ledger.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { aProxy, type TestProxy } from "../helpers/proxy.ts";
import { A_KEY } from "../helpers/telemetry.ts";

const PROGRAM = `
  const { handler } = await import(process.argv[1]);
  await handler(JSON.parse(process.argv[2]), { getRemainingTimeInMillis: () => 2000 });
  process.exit(0);
`;
const CERTIFICATE = path.join(__dirname, "../helpers/certificate/certificate.pem");
const PASSWORD = "hunter2";

describe("the built function in a network of one's own", () => {
  let intake: TestIntake;
  let proxy: TestProxy;
  beforeEach(async () => {
    [intake, proxy] = await Promise.all([anIntake.withTls(), aProxy()]);
  });
  afterEach(() => Promise.all([intake.stop(), proxy.stop()]));

  it("believes the intake that NODE_EXTRA_CA_CERTS vouches for, and no other", async () => {
    expect((await deliver({ NODE_EXTRA_CA_CERTS: CERTIFICATE })).ledger).toMatchObject({
      destinations: { "datadog-logs": { delivered: 1 } },
    });
    const { ledger, output } = await deliver({});
    expect(ledger.destinations["datadog-logs"]).toMatchObject({ delivered: 0 });
    expect(output).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(intake.logs()).toHaveLength(1);
  });

  it("sends logs through the proxy to an intake of a private authority, and shows the password to nobody else", async () => {
    const HTTPS_PROXY = `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`;
    const { ledger, output } = await deliver({ NODE_EXTRA_CA_CERTS: CERTIFICATE, HTTPS_PROXY });
    expect(ledger).toMatchObject({ destinations: { "datadog-logs": { delivered: 1, requests: 1 } }, unaccounted: 0 });
    expect(proxy.asked).toEqual([`CONNECT localhost:${intake.port}`]);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from(`user:${PASSWORD}`).toString("base64")}`]);
    expect(intake.logs().map(({ message }) => message)).toEqual(["hello"]);
    expect(output + JSON.stringify(intake.requests)).not.toContain(PASSWORD);
  });

  it("tries again while the proxy refuses it, and then says which proxy it was", async () => {
    proxy.manner = 407;
    const HTTPS_PROXY = `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`;
    const { ledger, output } = await deliver({ NODE_EXTRA_CA_CERTS: CERTIFICATE, HTTPS_PROXY });
    expect(proxy.asked.length).toBeGreaterThan(1);
    expect(ledger.destinations["datadog-logs"]?.failed).toEqual({ [`proxy 127.0.0.1:${proxy.port}: HTTP 407`]: 1 });
    expect(output).not.toContain(PASSWORD);
  });

  it("does not validate the API key over a URL, nor show it to anybody but the intake", async () => {
    await deliver({ NODE_EXTRA_CA_CERTS: CERTIFICATE, HTTPS_PROXY: proxy.url });
    expect(proxy.asked).toEqual([`CONNECT localhost:${intake.port}`]);
    expect(intake.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /api/v2/logs"]);
    expect(intake.requests[0]?.headers["dd-api-key"]).toBe(A_KEY);
    expect(JSON.stringify([proxy.asked, proxy.credentials, proxy.hosts])).not.toContain(A_KEY);
  });

  /** One log to the intake, in a process of its own. */
  async function deliver(env: Record<string, string>): Promise<{ ledger: Ledger; output: string }> {
    const entry = path.join(__dirname, "../../dist/forwarder.mjs");
    const given = { PATH: process.env.PATH, DD_API_KEY: A_KEY, DD_URL: "localhost", DD_PORT: String(intake.port) };
    const command = ["--input-type=module", "-e", PROGRAM, entry, JSON.stringify(aDelivery(["hello"]))];
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, command, { env: { ...given, ...env } }, (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    const line = output.split("\n").find((line) => line.includes('"ledger"')) ?? "";
    return { ledger: JSON.parse(line).ledger as Ledger, output };
  }
});
