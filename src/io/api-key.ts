/** The Datadog API key, from where the configuration says. What reads secrets is loaded only where the key is one. */
import type { KeySource } from "./secrets.ts";

/**
 * A function that gives the key, read once and kept while the process lives; a read that failed is tried again.
 *
 * @throws {Error} (from the function) naming the source and the remedy, never the key
 */
export function createApiKey(source: KeySource, isApiKey: (text: string) => boolean): () => Promise<string> {
  let key: Promise<string> | undefined;
  return () => {
    key ??= readKey(source, isApiKey).catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
}

async function readKey(source: KeySource, isApiKey: (text: string) => boolean): Promise<string> {
  if (!source.apiKeySecretArn && !source.apiKeySsmName) return source.apiKey;
  const { readSecretKey } = await import("./secrets.ts");
  return readSecretKey(source, isApiKey);
}
