import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isApiKey } from "../../src/config.ts";
import { createApiKey } from "../../src/io/api-key.ts";
import type { KeySource } from "../../src/io/secrets.ts";
import { A_KEY } from "../helpers/telemetry.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf";
const NOWHERE: KeySource = { apiKey: "", apiKeySecretArn: "", apiKeySsmName: "", apiKeyCiphertext: "" };
const CIPHERTEXT = Buffer.alloc(180, "encrypted").toString("base64");

describe("the API key", () => {
  let server: Server;
  let answer: { status: number; body: unknown };
  const asked: { target: string | undefined; body: unknown }[] = [];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      asked.push({
        target: request.headers["x-amz-target"] as string,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      response
        .writeHead(answer.status, { "content-type": "application/x-amz-json-1.1" })
        .end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Object.assign(process.env, { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  });
  beforeEach(() => asked.splice(0));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const read = (source: Partial<KeySource>): Promise<string> => createApiKey({ ...NOWHERE, ...source }, isApiKey).get();

  it("is the configured one where no store is named", async () => {
    expect(await read({ apiKey: A_KEY })).toBe(A_KEY);
    expect(asked).toEqual([]);
  });

  it.each([A_KEY, ` ${A_KEY}\n`, JSON.stringify({ DD_API_KEY: A_KEY, other: 1 })])(
    "comes from a secret, as text or JSON",
    async (text) => {
      answer = { status: 200, body: { SecretString: text } };
      expect(await read({ apiKeySecretArn: ARN, apiKey: "x" })).toBe(A_KEY);
      expect(asked).toEqual([{ target: "secretsmanager.GetSecretValue", body: { SecretId: ARN } }]);
    },
  );

  it("comes from a parameter, decrypted", async () => {
    answer = { status: 200, body: { Parameter: { Value: A_KEY } } };
    expect(await read({ apiKeySsmName: "/datadog/api-key" })).toBe(A_KEY);
    expect(asked).toEqual([
      { target: "AmazonSSM.GetParameter", body: { Name: "/datadog/api-key", WithDecryption: true } },
    ]);
  });

  it("comes from what KMS encrypted, without encryption context", async () => {
    answer = { status: 200, body: { Plaintext: Buffer.from(` ${A_KEY}\n`).toString("base64") } };
    expect(await read({ apiKeyCiphertext: CIPHERTEXT, apiKey: "x" })).toBe(A_KEY);
    expect(asked).toEqual([{ target: "TrentService.Decrypt", body: { CiphertextBlob: CIPHERTEXT } }]);
  });

  it("is taken from a secret before a parameter, from that before KMS, and from that before the variable", async () => {
    answer = { status: 400, body: { __type: "AccessDeniedException", message: "no" } };
    const all = { apiKeySecretArn: ARN, apiKeySsmName: "name", apiKeyCiphertext: CIPHERTEXT, apiKey: A_KEY };
    await expect(read(all)).rejects.toThrow("the secret");
    await expect(read({ ...all, apiKeySecretArn: "" })).rejects.toThrow("the SSM parameter name");
    await expect(read({ ...all, apiKeySecretArn: "", apiKeySsmName: "" })).rejects.toThrow("DD_KMS_API_KEY");
    expect(asked.map(({ target }) => target?.split(".")[0])).toEqual(["secretsmanager", "AmazonSSM", "TrentService"]);
  });

  it("says what to do about a ciphertext that KMS does not decrypt, or that was of something else", async () => {
    answer = { status: 400, body: { __type: "InvalidCiphertextException", message: null } };
    await expect(read({ apiKeyCiphertext: CIPHERTEXT })).rejects.toThrow(
      "cannot read the Datadog API key from DD_KMS_API_KEY: InvalidCiphertextException; check that it was encrypted in the function's region and without encryption context, and that the function's role may call kms:Decrypt with the key",
    );
    answer = { status: 200, body: { Plaintext: Buffer.from([0xff, 0xfe, 0x00]).toString("base64") } };
    await expect(read({ apiKeyCiphertext: CIPHERTEXT })).rejects.toThrow(
      /^DD_KMS_API_KEY was decrypted and is no Datadog API key: encrypt the 32 characters alone, and give the base64 of that$/,
    );
  });

  it("says that AWS is reached without the proxy, where it is not reached at all", async () => {
    const endpoint = process.env.AWS_ENDPOINT_URL;
    Object.assign(process.env, { AWS_ENDPOINT_URL: "http://127.0.0.1:9", AWS_MAX_ATTEMPTS: "1" });
    try {
      await expect(read({ apiKeyCiphertext: CIPHERTEXT })).rejects.toThrow(
        /from DD_KMS_API_KEY: \w+; check that the function can reach it: .* also where HTTPS_PROXY is set$/,
      );
    } finally {
      process.env.AWS_ENDPOINT_URL = endpoint;
      delete process.env.AWS_MAX_ATTEMPTS;
    }
  });

  it("is decrypted again when it is renewed", async () => {
    const key = createApiKey({ ...NOWHERE, apiKeyCiphertext: CIPHERTEXT }, isApiKey);
    answer = { status: 200, body: { Plaintext: Buffer.from(A_KEY).toString("base64") } };
    expect(await key.get()).toBe(A_KEY);
    const other = [...A_KEY].reverse().join("");
    answer = { status: 200, body: { Plaintext: Buffer.from(other).toString("base64") } };
    expect([await key.renew(), await key.get()]).toEqual([true, other]);
  });

  it("is read once, and again after a read that failed", async () => {
    const key = createApiKey({ ...NOWHERE, apiKeySecretArn: ARN }, isApiKey);
    answer = { status: 400, body: { __type: "ResourceNotFoundException", message: "no such secret" } };
    await expect(key.get()).rejects.toThrow(
      `cannot read the Datadog API key from the secret ${ARN}: ResourceNotFoundException; check that it exists and that the function's role may read it`,
    );
    answer = { status: 200, body: { SecretString: A_KEY } };
    expect(await Promise.all([key.get(), key.get()])).toEqual([A_KEY, A_KEY]);
    expect(await key.get()).toBe(A_KEY);
    expect(asked.length).toBe(2);
  });

  it("is read again when it is renewed, and stays where that fails", async () => {
    const key = createApiKey({ ...NOWHERE, apiKeySecretArn: ARN }, isApiKey);
    answer = { status: 200, body: { SecretString: A_KEY } };
    expect(await key.get()).toBe(A_KEY);
    expect(await key.renew()).toBe(false);
    const other = [...A_KEY].reverse().join("");
    answer = { status: 200, body: { SecretString: other } };
    expect(await key.renew()).toBe(true);
    expect(await key.get()).toBe(other);
    answer = { status: 400, body: { __type: "AccessDeniedException", message: "no" } };
    expect(await key.renew()).toBe(false);
    expect(await key.get()).toBe(other);
  });

  it.each(["{}", "{broken", "too short", JSON.stringify({ DD_API_KEY: 5 })])(
    "is not taken from a secret that holds none, and the secret is not shown",
    async (text) => {
      answer = { status: 200, body: { SecretString: text } };
      const problem = await read({ apiKeySecretArn: ARN }).catch((error: Error) => error.message);
      expect(problem).toContain("holds no Datadog API key");
      expect(problem).not.toContain(text);
    },
  );
});
