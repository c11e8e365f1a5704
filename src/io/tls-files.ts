/** Requests over TLS with certificates of one's own. */
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { World } from "../delivery/world.ts";
import { createPost } from "./http.ts";
import type { Certificates } from "./route.ts";

/** Paths of PEM files; "" = none. */
export interface TlsFiles {
  /** What is trusted, instead of the usual. */
  certificate: string;
  clientKey: string;
  clientCertificate: string;
}

/**
 * `open` must have resolved before the first post. It reads the files once: they come with the function's code.
 *
 * @param options of `createPost`
 */
export function tlsPost(
  { certificate, clientKey, clientCertificate }: TlsFiles,
  options: Parameters<typeof createPost>[0],
): { open(): Promise<void>; post: World["post"] } {
  let post: World["post"] | undefined;
  let opening: Promise<void> | undefined;
  return {
    open() {
      opening ??= certificates().then((given) => {
        post = createPost({ ...options, ...given });
      });
      return opening;
    },
    post: (request) => (post as World["post"])(request),
  };

  /** @throws {Error} naming the file and the remedy */
  async function certificates(): Promise<{ certificates?: Certificates }> {
    const [ca, key, cert] = await Promise.all([certificate, clientKey, clientCertificate].map(pem));
    if (!ca && !key && !cert) return {};
    const given = { ...(ca && { ca }), ...(key && { key }), ...(cert && { cert }) };
    try {
      createSecureContext(given);
    } catch (error) {
      const files = [certificate, clientKey, clientCertificate].filter(Boolean).join(", ");
      throw new Error(
        `no certificates and key can be made of ${files}: they must be PEM, and key and certificate a pair`,
        {
          cause: error,
        },
      );
    }
    return { certificates: given };
  }
}

async function pem(path: string): Promise<Buffer | undefined> {
  if (!path) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`cannot read ${path}: ${code}; a file for the function is put into its zip or a layer`, {
      cause: error,
    });
  }
}
