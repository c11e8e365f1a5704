/** What random sequences reach rarely or never: keys, certificates, names, rights, and objects that others left. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { startEmulator } from "../emulator/emulator.ts";
import { A_KEY } from "../helpers/telemetry.ts";
import { BUCKET, FOLDER } from "./bucket.ts";
import type { Delivery, Invocation } from "./history.ts";
import type { Lambda } from "./lambda.ts";
import { aLoad } from "./traffic.ts";
import { verdictOf } from "./verdict.ts";
import { aWorld, type World } from "./world.ts";

jest.setTimeout(30_000);

const ANOTHER_KEY = "44444444555555556666666677777777";

let world: World;
afterEach(() => world.stop());

/** One delivery of five logs and two trace lines. */
async function deliver(lambda: Lambda = world.lambda): Promise<{ delivery: Delivery; invocation: Invocation }> {
  const { event, ids } = aLoad({ logs: 5, traceLines: 2, malformed: 0, padding: 0 });
  const delivery = lambda.take(event, ids);
  return { delivery, invocation: await lambda.deliver(delivery) };
}

/** Ids that the intake has, each as often as it got it. */
const acceptedIds = (): string[] => world.history.acceptances.map(({ id }) => id).sort();

const callsIn = (invocation: Invocation): string[] =>
  world.history.trace.filter((line) => line.includes(`invocation ${invocation.number}, call`));

/** That the verdict on all of it is good. */
async function expectNoProblems(): Promise<void> {
  const stored = await world.bucket.stored();
  expect(verdictOf({ hasStore: true, history: world.history, stored, leftOver: [] }).problems).toEqual([]);
}

/** Everything of a delivery is stored for a redrive, and nothing of it anywhere else. */
async function expectStored({ delivery, invocation }: Awaited<ReturnType<typeof deliver>>): Promise<void> {
  expect(invocation.end).toMatchObject({ how: "returned" });
  expect(acceptedIds()).toEqual([]);
  const { toRedrive, quarantined } = await world.bucket.stored();
  expect([...toRedrive].sort()).toEqual([...delivery.ids].sort());
  expect([...quarantined]).toEqual([]);
  await expectNoProblems();
}

async function expectRedriven(delivery: Delivery, lambda: Lambda = world.lambda): Promise<void> {
  lambda.wait(10);
  for (let redrives = 0; redrives < 2; redrives++) await lambda.redrive();
  expect(acceptedIds()).toEqual([...delivery.ids].sort());
  expect(await world.bucket.keysToRedrive()).toEqual([]);
  await expectNoProblems();
}

describe("when the intake does not know the API key, the function", () => {
  it.each(["HTTP 401", "HTTP 403"] as const)(
    "stores everything at %s and redrives it with a good key",
    async (fault) => {
      world = aWorld();
      await world.bucket.create();
      for (const at of ["logs", "traces"] as const) world.faults.switchOn({ at, fault, after: 0, calls: 0 });
      const delivered = await deliver();
      await expectStored(delivered);
      world.faults.switchOff();
      await expectRedriven(delivered.delivery);
    },
  );

  it("reads it again where it is kept, and delivers with the new one", async () => {
    const emulator = await startEmulator();
    try {
      const client = new SSMClient({
        endpoint: emulator.endpoint,
        region: "eu-west-1",
        credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "test" },
      });
      const put = (Value: string): Promise<unknown> =>
        client.send(new PutParameterCommand({ Name: "/datadog/key", Type: "SecureString", Value, Overwrite: true }));
      await put(A_KEY);
      const environment = {
        DD_API_KEY: "",
        DD_API_KEY_SSM_NAME: "/datadog/key",
        AWS_ENDPOINT_URL_SSM: emulator.endpoint,
      };
      world = aWorld({ environment });
      await world.bucket.create();
      const before = await deliver();
      await put(ANOTHER_KEY);
      world.keys.clear();
      world.keys.add(ANOTHER_KEY);
      const after = await deliver();
      expect(acceptedIds()).toEqual([...before.delivery.ids, ...after.delivery.ids].sort());
      expect(await world.bucket.keys()).toEqual([]);
      await expectNoProblems();
    } finally {
      await emulator.stop();
    }
  });
});

describe("when the intake cannot be reached, the function", () => {
  const read = (name: string): Buffer => readFileSync(path.join(__dirname, "../helpers/certificate", name));

  it("stores everything if nobody vouches for the intake's certificate, and redrives it with other settings", async () => {
    const tls = { key: read("key.pem"), cert: read("certificate.pem") };
    world = aWorld({ tls });
    await world.bucket.create();
    const delivered = await deliver();
    await expectStored(delivered);
    const environment = { DD_SKIP_SSL_VALIDATION: "true" };
    await expectRedriven(delivered.delivery, world.withSettings({ tls, environment }));
  });

  it("stores everything if the intake has no address, and redrives it to one that has", async () => {
    world = aWorld({ environment: { DD_URL: "intake.invalid", DD_TRACE_INTAKE_URL: "http://traces.intake.invalid" } });
    await world.bucket.create();
    const delivered = await deliver();
    await expectStored(delivered);
    await expectRedriven(delivered.delivery, world.withSettings({}));
  });
});

describe("when the store cannot store, the function", () => {
  async function threeTimes(): Promise<{ delivery: Delivery; messages: string[] }> {
    world.faults.switchOn({ at: "logs", fault: "HTTP 403", after: 0, calls: 0 });
    const { delivery, invocation } = await deliver();
    const invocations = [invocation];
    while (delivery.state === "to be invoked") invocations.push(await world.lambda.deliver(delivery));
    const messages = invocations.map(({ end }) => (end?.how === "threw" ? end.message : `${end?.how}`));
    return { delivery, messages };
  }

  it("throws if it has no right to, and names bucket and key, until Lambda keeps the event", async () => {
    world = aWorld();
    await world.bucket.create();
    world.faults.switchOn({ at: "s3", fault: "denied", of: "PUT", after: 0, calls: 0 });
    const { delivery, messages } = await threeTimes();
    expect(messages.length).toBe(3);
    for (const message of messages) {
      expect(message).toContain(`${BUCKET}/${FOLDER}/logs/`);
      expect(message).toContain("s3:PutObject");
    }
    expect(delivery.state).toBe("on-failure queue");
    await expectNoProblems();
  });

  it("throws if there is no bucket, and names it", async () => {
    world = aWorld();
    const { delivery, messages } = await threeTimes();
    expect(messages.length).toBe(3);
    for (const message of messages) expect(message).toContain(BUCKET);
    expect(delivery.state).toBe("on-failure queue");
  });
});

describe("a redrive", () => {
  it("asks once and writes nothing where nothing is stored", async () => {
    world = aWorld();
    await world.bucket.create();
    const invocation = await world.lambda.redrive();
    expect(invocation.end).toMatchObject({ how: "returned" });
    const calls = callsIn(invocation);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.length).toBeLessThan(3);
    expect(calls.filter((call) => !call.includes(": S3 LIST "))).toEqual([]);
  });

  it("is one, however many begin at once", async () => {
    world = aWorld();
    await world.bucket.create();
    for (const at of ["logs", "traces"] as const) world.faults.switchOn({ at, fault: "HTTP 403", after: 0, calls: 0 });
    const deliveries = [await deliver(), await deliver(), await deliver(), await deliver()];
    world.faults.switchOff();
    world.lambda.wait(10);
    await Promise.all(Array.from({ length: 4 }, () => world.lambda.redrive()));
    expect(acceptedIds()).toEqual(deliveries.flatMap(({ delivery }) => delivery.ids).sort());
    expect(await world.bucket.keys()).toEqual([]);
    await expectNoProblems();
  });

  it("sends what a Datadog Forwarder left behind", async () => {
    world = aWorld();
    await world.bucket.create();
    await world.bucket.leaveLogs(["a", "b"]);
    await world.lambda.redrive();
    expect(acceptedIds()).toEqual(["a", "b"]);
    expect(await world.bucket.keys()).toEqual([]);
    expect(world.history.oddities).toEqual([]);
  });

  it("puts aside what it cannot understand, as it is, and sends the rest", async () => {
    world = aWorld();
    await world.bucket.create();
    world.faults.switchOn({ at: "logs", fault: "HTTP 403", after: 0, calls: 0 });
    const { delivery } = await deliver();
    await world.bucket.leaveNonsense();
    world.faults.switchOff();
    world.lambda.wait(10);
    await world.lambda.redrive();
    expect(acceptedIds()).toEqual([...delivery.ids].sort());
    const [kept, ...others] = await world.bucket.keys();
    expect(others).toEqual([]);
    expect(kept).toContain(`${FOLDER}/quarantine/logs/`);
    await expectNoProblems();
  });
});
