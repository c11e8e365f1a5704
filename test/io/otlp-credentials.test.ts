import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { readHeaders } from "../../src/config/otlp.ts";
import { otlpCredentials } from "../../src/io/otlp-credentials.ts";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";

const NONE = { headersSecretArn: "", headersSsmName: "" };

describe("the headers of an OpenTelemetry backend, kept by AWS", () => {
  let emulator: Emulator;
  const client = () => ({
    endpoint: emulator.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "test" },
  });
  beforeAll(async () => {
    emulator = await startEmulator();
    Object.assign(process.env, emulator.environment, { AWS_REGION: "eu-west-1" });
  });
  afterAll(() => emulator.stop());

  const read = (source: Partial<typeof NONE>, given = { headers: {}, ownHeaders: {} }) =>
    otlpCredentials({ ...NONE, ...source }, given, readHeaders);

  it("are between those of all signals and those of one", async () => {
    const SecretString = '{"Api-Key":"from the secret","tenant":"secret"}';
    const { ARN = "" } = await new SecretsManagerClient(client()).send(
      new CreateSecretCommand({ Name: "otlp", SecretString }),
    );
    const given = { headers: { tenant: "all", all: "1" }, ownHeaders: { own: "2", "api-key": "own" } };
    expect(await read({ headersSecretArn: ARN }, given).get()).toEqual({
      tenant: "secret",
      all: "1",
      own: "2",
      "api-key": "own",
    });
  });

  it("are other ones after they were changed, and the same after they were not", async () => {
    const put = (Value: string) =>
      new SSMClient(client()).send(
        new PutParameterCommand({ Name: "/otlp/headers", Type: "SecureString", Value, Overwrite: true }),
      );
    await put("api-key=old");
    const { get, renew } = read({ headersSsmName: "/otlp/headers" });
    expect(await get()).toEqual({ "api-key": "old" });
    expect(await renew()).toBe(false);
    await put("api-key=new");
    expect(await get()).toEqual({ "api-key": "old" });
    expect(await renew()).toBe(true);
    expect(await get()).toEqual({ "api-key": "new" });
  });

  it("that are missing are an error that says where and what to do", async () => {
    await expect(read({ headersSsmName: "/nowhere" }).get()).rejects.toThrow(
      /^cannot read the OTLP headers from the SSM parameter \/nowhere: ParameterNotFound; check that it exists/,
    );
  });
});
