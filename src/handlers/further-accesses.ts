/** How the backends are reached beside the Datadog of the variables. Loaded only where there are any. */
import type { DestinationEntry, OtlpEntry } from "../config/destinations.ts";
import type { OtlpConfig } from "../config/otlp.ts";
import type { Config } from "../config.ts";
import { createApiKey } from "../io/api-key.ts";
import { createPost } from "../io/http.ts";
import type { Access } from "./invocation.ts";
import { otlpAccesses } from "./otlp-accesses.ts";

/** For how long one backend may keep the others waiting for its credentials. */
const CREDENTIALS_MS = 1_000;

/**
 * Adds them to the others. Those of the table's entries have their names. Where there are several, none waits long for the
 * credentials of another.
 *
 * @param isApiKey whether a text is a Datadog API key
 * @param report told what a person must look at
 */
export async function addFurther(
  accesses: Map<string, Access>,
  config: Config,
  isApiKey: (text: string) => boolean,
  report: (problem: string) => void,
): Promise<void> {
  if (config.otlp) for (const [backend, access] of otlpAccesses(config, config.otlp)) accesses.set(backend, access);
  for (const entry of config.destinations) accesses.set(entry.name, await accessOf(entry));
  if (accesses.size === 1) return;
  for (const [backend, access] of accesses) accesses.set(backend, withoutDelay(access, report));

  async function accessOf(entry: DestinationEntry): Promise<Access> {
    if (entry.type === "datadog") {
      const { secretArn: apiKeySecretArn, ssmName: apiKeySsmName, apiKey, noSsl } = entry;
      const key = createApiKey({ apiKeySecretArn, apiKeySsmName, apiKeyCiphertext: "", apiKey }, isApiKey);
      return {
        credentials: async () => ({ "dd-api-key": await key.get() }),
        renew: key.renew,
        // What the variables' intake is trusted with says nothing of this one.
        post: createPost({ ...config, noSsl, skipSslValidation: false }),
      };
    }
    if (entry.type === "s3") {
      const { archiveAccess } = await import("../io/s3-archive.ts");
      const { name, bucket, prefix } = entry;
      const { useVpc: usePathStyle, compressionLevel } = config;
      return archiveAccess({ name, bucket, prefix, usePathStyle, compressionLevel }, report);
    }
    return otlpAccesses(config, otlpConfigOf(entry)).get(entry.name) as Access;
  }
}

/** What is not known of its credentials by then is found out by its first request. */
function withoutDelay(access: Access, report: (problem: string) => void): Access {
  const { credentials, post } = access;
  return {
    ...access,
    async credentials() {
      await within(CREDENTIALS_MS, credentials());
      return {};
    },
    async post(request) {
      const own = await within(request.timeoutMs, credentials()).catch((error: Error) => {
        report(error.message);
        return undefined;
      });
      if (!own) return { error: "no credentials", isSent: false };
      return post({ ...request, headers: { ...request.headers, ...own } });
    },
  };
}

/** Undefined when it takes longer. */
async function within<Value>(ms: number, value: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([value, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** As if the variables had said it. */
function otlpConfigOf(entry: OtlpEntry): OtlpConfig {
  const { name: backend, endpoint, protocol, compression, timeoutMs, headers, jsonLogs } = entry;
  const files = { certificate: "", clientKey: "", clientCertificate: "" };
  const signals = entry.signals.map((signal) => {
    const url = `${endpoint}/v1/${signal}`;
    return { signal, backend, url, protocol, compression, timeoutMs, headers, ownHeaders: {}, ...files };
  });
  return { signals, headersSecretArn: entry.secretArn, headersSsmName: entry.ssmName, jsonLogs };
}
