/** The Datadog API key, from where the configuration says. What reads secrets is loaded only where the key is one. */
import { type KeptSecret, keptSecret } from "./kept-secret.ts";
import type { KeySource } from "./secrets.ts";

/** Errors name the source and the remedy, never the key. */
export function createApiKey(source: KeySource, isApiKey: (text: string) => boolean): KeptSecret<string> {
  return keptSecret(() => readKey(source, isApiKey));
}

async function readKey(source: KeySource, isApiKey: (text: string) => boolean): Promise<string> {
  if (!source.apiKeySecretArn && !source.apiKeySsmName && !source.apiKeyCiphertext) return source.apiKey;
  const { readSecretKey } = await import("./secrets.ts");
  return readSecretKey(source, isApiKey);
}
