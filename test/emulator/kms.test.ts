import { EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { isApiKey } from "../../src/config.ts";
import { createApiKey } from "../../src/io/api-key.ts";
import { A_KEY } from "../helpers/telemetry.ts";
import { type Emulator, startEmulator } from "./emulator.ts";

describe("the emulated KMS", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
    Object.assign(process.env, emulator.environment);
  });
  afterAll(() => emulator.stop());

  async function keyFrom(EncryptionContext: Record<string, string>): Promise<string> {
    const Plaintext = Buffer.from(A_KEY);
    const command = new EncryptCommand({ KeyId: "datadog", Plaintext, EncryptionContext });
    const { CiphertextBlob = new Uint8Array() } = await new KMSClient({}).send(command);
    const apiKeyCiphertext = Buffer.from(CiphertextBlob).toString("base64");
    return createApiKey({ apiKeySecretArn: "", apiKeySsmName: "", apiKeyCiphertext, apiKey: "" }, isApiKey).get();
  }

  it("decrypts what it encrypted", async () => {
    expect(await keyFrom({})).toBe(A_KEY);
  });

  it("does not where the encryption context is another", async () => {
    await expect(keyFrom({ LambdaFunctionName: "forwarder" })).rejects.toThrow(
      "InvalidCiphertextException; check that it was encrypted in the function's region and without encryption context",
    );
  });
});
