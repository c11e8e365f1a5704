/** The Datadog API key, from where the configuration says. SDK clients load only when their source is used. */

/** Where the key is; the first that is not "" counts. */
interface KeySource {
  apiKeySecretArn: string;
  apiKeySsmName: string;
  apiKey: string;
}

/**
 * A function that gives the key, read once and kept while the process lives; a read that failed is tried again.
 *
 * @throws {Error} (from the function) naming the source and the remedy, never the key
 */
export function createApiKey(config: KeySource): () => Promise<string> {
  let key: Promise<string> | undefined;
  return () => {
    key ??= readKey(config).catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
}

async function readKey({ apiKeySecretArn, apiKeySsmName, apiKey }: KeySource): Promise<string> {
  if (apiKeySecretArn) return checked(await fromSecretsManager(apiKeySecretArn), `the secret ${apiKeySecretArn}`);
  if (apiKeySsmName) return checked(await fromParameterStore(apiKeySsmName), `the SSM parameter ${apiKeySsmName}`);
  return apiKey;
}

/** Text, or JSON with a `DD_API_KEY` field. */
async function fromSecretsManager(arn: string): Promise<string> {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  const region = arn.split(":")[3] as string;
  const client = new SecretsManagerClient({ region });
  const secret = await read(() => client.send(new GetSecretValueCommand({ SecretId: arn })), `the secret ${arn}`);
  const text = secret.SecretString?.trim() ?? "";
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
  const { Parameter } = await read(() => client.send(command), `the SSM parameter ${name}`);
  return Parameter?.Value ?? "";
}

async function read<Output>(send: () => Promise<Output>, source: string): Promise<Output> {
  try {
    return await send();
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unknown error";
    throw new Error(
      `cannot read the Datadog API key from ${source}: ${reason}; check that it exists and that the function's role may read it`,
      {
        cause: error,
      },
    );
  }
}

function checked(text: string, source: string): string {
  const key = text.trim();
  if (!/^[!-~]{32}$/.test(key)) {
    throw new Error(
      `${source} holds no Datadog API key: that is 32 characters, as text or in the JSON field DD_API_KEY`,
    );
  }
  return key;
}
