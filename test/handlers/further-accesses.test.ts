import { type Config, isApiKey, parseConfig } from "../../src/config.ts";
import { addFurther } from "../../src/handlers/further-accesses.ts";
import type { Access } from "../../src/handlers/invocation.ts";
import { readBackends } from "../../src/handlers/read-backends.ts";
import { datadogEntry } from "../helpers/forwarder-process.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";

let secrets: TestIntake;
let intake: TestIntake;
let environment: NodeJS.ProcessEnv;
beforeEach(async () => {
  environment = { ...process.env };
  [secrets, intake] = await Promise.all([anIntake(), anIntake()]);
  Object.assign(process.env, {
    ...{ AWS_ENDPOINT_URL_SSM: secrets.url, AWS_REGION: "eu-west-1" },
    ...{ AWS_ACCESS_KEY_ID: "AKIDTEST", AWS_SECRET_ACCESS_KEY: "test" },
  });
});
afterEach(async () => {
  process.env = environment;
  await Promise.all([secrets.stop(), intake.stop()]);
});

async function aConfig(...entries: object[]): Promise<Config> {
  const env = { DESTINATIONS: JSON.stringify(entries) };
  return parseConfig(env, await readBackends(env));
}

async function accessesOf(config: Config, reports: string[] = []): Promise<Map<string, Access>> {
  const accesses = new Map<string, Access>();
  await addFurther(accesses, config, isApiKey, (problem) => reports.push(problem));
  return accesses;
}

const withSecretKey = (): object => datadogEntry("secret", intake, { apiKey: undefined, ssmName: "/audit/key" });
const aRequest = () => ({ url: `${intake.url}/in`, headers: {}, body: Buffer.from("[]"), timeoutMs: 100 });

describe("the accesses of several backends", () => {
  it("do not wait long for credentials that do not come, and their requests end in time", async () => {
    secrets.replies.push("hang", "hang");
    const accesses = await accessesOf(await aConfig(withSecretKey(), datadogEntry("plain", intake)));
    const [secret, plain] = [accesses.get("secret"), accesses.get("plain")] as [Access, Access];
    await Promise.all([secret.credentials(), plain.credentials()]);
    expect(await secret.post(aRequest())).toEqual({ error: "no credentials", isSent: false });
    expect(intake.requests).toEqual([]);
    expect(await plain.post(aRequest())).toMatchObject({ status: 202 });
    expect(intake.requests[0]?.headers).toHaveProperty("dd-api-key");
  });

  it("say at once which credentials cannot be read", async () => {
    const denied = { status: 400, headers: { "content-type": "application/x-amz-json-1.1" } };
    const body = JSON.stringify({ __type: "ParameterNotFound" });
    secrets.replies.push({ ...denied, body }, { ...denied, body });
    const reports: string[] = [];
    const accesses = await accessesOf(await aConfig(withSecretKey(), datadogEntry("plain", intake)), reports);
    const secret = accesses.get("secret") as Access;
    await expect(secret.credentials()).rejects.toThrow("the SSM parameter /audit/key");
    expect(await secret.post({ ...aRequest(), timeoutMs: 2_000 })).toEqual({ error: "no credentials", isSent: false });
    expect(reports).toEqual([
      expect.stringContaining("cannot read the Datadog API key from the SSM parameter /audit/key"),
    ]);
  });

  it("have the names of their entries, and OpenTelemetry's of the variables besides", async () => {
    const env = {
      DESTINATIONS: JSON.stringify([{ name: "archive", type: "s3", bucket: "example-archive" }]),
      OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
    };
    const accesses = await accessesOf(parseConfig(env, await readBackends(env)));
    expect([...accesses.keys()]).toEqual(["otlp", "archive"]);
  });
});

describe("what the variables say of backends", () => {
  it("has the problems of the table and of OpenTelemetry's variables together", async () => {
    const env = { DESTINATIONS: "{", OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" };
    const { problems } = await readBackends(env);
    expect(problems).toHaveLength(2);
    expect(() => parseConfig(env, { problems, warnings: [] })).toThrow("DESTINATIONS must be a JSON list of objects");
  });
});
