/** The Datadog API key, from where the configuration says. What reads secrets is loaded only where the key is one. */
import type { KeySource } from "./secrets.ts";

export interface ApiKey {
  /** Read once and kept while the process lives; a read that failed is tried again. @throws as the read */
  get(): Promise<string>;
  /** Reads it again; the old one stays when that fails. Whether it is another one. */
  renew(): Promise<boolean>;
}

/** Errors name the source and the remedy, never the key. */
export function createApiKey(source: KeySource, isApiKey: (text: string) => boolean): ApiKey {
  let key: Promise<string> | undefined;
  return {
    get() {
      key ??= readKey(source, isApiKey).catch((error: unknown) => {
        key = undefined;
        throw error;
      });
      return key;
    },
    async renew() {
      try {
        const [old, renewed] = [await key, await readKey(source, isApiKey)];
        key = Promise.resolve(renewed);
        return renewed !== old;
      } catch {
        return false;
      }
    },
  };
}

async function readKey(source: KeySource, isApiKey: (text: string) => boolean): Promise<string> {
  if (!source.apiKeySecretArn && !source.apiKeySsmName && !source.apiKeyCiphertext) return source.apiKey;
  const { readSecretKey } = await import("./secrets.ts");
  return readSecretKey(source, isApiKey);
}
