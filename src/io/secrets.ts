/** Keys in Secrets Manager and SSM. SDK clients load only when their source is used. */

/** Where the key is; the first that is not "" counts. */
export interface KeySource {
  apiKeySecretArn: string;
  apiKeySsmName: string;
  apiKey: string;
}

/** @throws {Error} naming the source and the remedy, never the key */
export async function readSecretKey(source: KeySource, isApiKey: (text: string) => boolean): Promise<string> {
  const { apiKeySecretArn, apiKeySsmName } = source;
  const place = apiKeySecretArn ? `the secret ${apiKeySecretArn}` : `the SSM parameter ${apiKeySsmName}`;
  const read = apiKeySecretArn ? () => fromSecretsManager(apiKeySecretArn) : () => fromParameterStore(apiKeySsmName);
  const text = (await reading(read, place)).trim();
  if (isApiKey(text)) return text;
  throw new Error(`${place} holds no Datadog API key: that is 32 characters, as text or in the JSON field DD_API_KEY`);
}

/** Text, or JSON with a `DD_API_KEY` field. */
async function fromSecretsManager(arn: string): Promise<string> {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  const region = arn.split(":")[3] as string;
  const client = new SecretsManagerClient({ region });
  const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  const text = SecretString.trim();
  if (!text.startsWith("{")) return text;
  try {
    const field = (JSON.parse(text) as Record<string, unknown>).DD_API_KEY;
    return typeof field === "string" ? field : "";
  } catch {
    return "";
  }
}

async function fromParameterStore(name: string): Promise<string> {
  const { SSMClient, GetParameterCommand } = await import("@aws-sdk/client-ssm");
  const region = name.startsWith("arn:") ? name.split(":")[3] : undefined;
  const client = new SSMClient(region ? { region } : {});
  const command = new GetParameterCommand({ Name: name, WithDecryption: true });
  const { Parameter } = await client.send(command);
  return Parameter?.Value ?? "";
}

async function reading(read: () => Promise<string>, place: string): Promise<string> {
  try {
    return await read();
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unknown error";
    throw new Error(
      `cannot read the Datadog API key from ${place}: ${reason}; check that it exists and that the function's role may read it`,
      { cause: error },
    );
  }
}
