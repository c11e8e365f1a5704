/** How the backends are reached that are sent to by OpenTelemetry's protocol. Loaded only where one is configured. */

import { type OtlpConfig, readHeaders } from "../config/otlp.ts";
import type { Config } from "../config.ts";
import { createCompress } from "../io/compress.ts";
import { otlpCredentials } from "../io/otlp-credentials.ts";
import { tlsPost } from "../io/tls-files.ts";
import type { Access } from "./invocation.ts";

/** By backend. */
export function otlpAccesses(config: Config, otlp: OtlpConfig): Map<string, Access> {
  const accesses = new Map<string, Access>();
  for (const signal of otlp.signals) {
    if (accesses.has(signal.backend)) continue;
    const { open, post } = tlsPost(signal, {
      ...config,
      // What a Datadog intake is trusted with says nothing of this one.
      skipSslValidation: false,
      noSsl: otlp.signals.every(({ backend, url }) => backend !== signal.backend || url.startsWith("http:")),
    });
    // Begun at once, before the first invocation; what is wrong is said at that.
    open().catch(() => undefined);
    const { get, renew } = otlpCredentials(otlp, signal, readHeaders);
    accesses.set(signal.backend, {
      credentials: async () => {
        await open();
        return get();
      },
      renew,
      post,
      compress: createCompress({
        useCompression: signal.compression === "gzip",
        compressionLevel: config.compressionLevel,
      }),
    });
  }
  return accesses;
}
