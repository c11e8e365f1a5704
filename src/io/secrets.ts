/** Keys in Secrets Manager, SSM and under KMS. SDK clients load only when their source is used. */

/** Where the key is; the first that is not "" counts. */
export interface KeySource {
  apiKeySecretArn: string;
  apiKeySsmName: string;
  /** Base64 of what KMS encrypted, without encryption context. */
  apiKeyCiphertext: string;
  apiKey: string;
}

interface Place {
  /** For people. */
  name: string;
  /** What a person may have to do so that it can be read. */
  remedy: string;
  /** What is wrong when something else than a key is in it. */
  otherwise: string;
  read(): Promise<string>;
}

/** A call that a network swallows must leave time for putting the event aside. */
const CLIENT = { requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true } };

const READABLE = "check that it exists and that the function's role may read it";
const REACHABLE =
  "check that the function can reach it: in a VPC it needs a NAT gateway or an endpoint of the service, also where HTTPS_PROXY is set";
const TEXT_OR_JSON = "holds no Datadog API key: that is 32 characters, as text or in the JSON field DD_API_KEY";

/** @throws {Error} naming the source and the remedy, never the key */
export async function readSecretKey(source: KeySource, isApiKey: (text: string) => boolean): Promise<string> {
  const place = placeOf(source);
  const text = (await reading(place)).trim();
  if (isApiKey(text)) return text;
  throw new Error(`${place.name} ${place.otherwise}`);
}

/**
 * What a secret or a parameter says, and where it was, for people.
 *
 * @param arn of a secret; "" = none
 * @param name of an SSM parameter, which is read where there is no secret
 * @param what it holds, for people
 * @throws {Error} naming the source and the remedy, never the text
 */
export async function readSecretText(arn: string, name: string, what: string): Promise<{ name: string; text: string }> {
  const place = placeOf({ apiKeySecretArn: arn, apiKeySsmName: name, apiKeyCiphertext: "", apiKey: "" });
  const read = arn ? () => textOfSecret(arn) : place.read;
  return { name: place.name, text: (await reading({ ...place, read }, what)).trim() };
}

function placeOf({ apiKeySecretArn, apiKeySsmName, apiKeyCiphertext }: KeySource): Place {
  if (apiKeySecretArn) {
    return {
      name: `the secret ${apiKeySecretArn}`,
      remedy: READABLE,
      otherwise: TEXT_OR_JSON,
      read: () => fromSecretsManager(apiKeySecretArn),
    };
  }
  if (apiKeySsmName) {
    return {
      name: `the SSM parameter ${apiKeySsmName}`,
      remedy: READABLE,
      otherwise: TEXT_OR_JSON,
      read: () => fromParameterStore(apiKeySsmName),
    };
  }
  return {
    name: "DD_KMS_API_KEY",
    remedy:
      "check that it was encrypted in the function's region and without encryption context, and that the function's role may call kms:Decrypt with the key",
    otherwise: "was decrypted and is no Datadog API key: encrypt the 32 characters alone, and give the base64 of that",
    read: () => fromKms(apiKeyCiphertext),
  };
}

/** Text, or JSON with a `DD_API_KEY` field. */
async function fromSecretsManager(arn: string): Promise<string> {
  const text = await textOfSecret(arn);
  if (!text.startsWith("{")) return text;
  try {
    const field = (JSON.parse(text) as Record<string, unknown>).DD_API_KEY;
    return typeof field === "string" ? field : "";
  } catch {
    return "";
  }
}

async function textOfSecret(arn: string): Promise<string> {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  const region = arn.split(":")[3] as string;
  const client = new SecretsManagerClient({ ...CLIENT, region });
  const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  return SecretString.trim();
}

async function fromParameterStore(name: string): Promise<string> {
  const { SSMClient, GetParameterCommand } = await import("@aws-sdk/client-ssm");
  const region = name.startsWith("arn:") ? name.split(":")[3] : undefined;
  const client = new SSMClient({ ...CLIENT, ...(region && { region }) });
  const command = new GetParameterCommand({ Name: name, WithDecryption: true });
  const { Parameter } = await client.send(command);
  return Parameter?.Value ?? "";
}

/** KMS finds the key in the ciphertext. */
async function fromKms(ciphertext: string): Promise<string> {
  const { KMSClient, DecryptCommand } = await import("@aws-sdk/client-kms");
  const command = new DecryptCommand({ CiphertextBlob: Buffer.from(ciphertext, "base64") });
  const { Plaintext = new Uint8Array() } = await new KMSClient(CLIENT).send(command);
  return Buffer.from(Plaintext).toString();
}

async function reading({ name, remedy, read }: Place, what = "the Datadog API key"): Promise<string> {
  try {
    return await read();
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unknown error";
    // Only an answer has a fault.
    const toDo = error instanceof Error && "$fault" in error ? remedy : REACHABLE;
    throw new Error(`cannot read ${what} from ${name}: ${reason}; ${toDo}`, { cause: error });
  }
}
