/** The headers that let requests into an OpenTelemetry backend. What reads secrets is loaded only where they are one. */
import { isDeepStrictEqual } from "node:util";
import { type KeptSecret, keptSecret } from "./kept-secret.ts";

type Headers = Readonly<Record<string, string>>;

/** Where they are, besides those that are given. */
export interface HeadersSource {
  /** Wins over the parameter; "" = none. */
  headersSecretArn: string;
  /** "" = none. */
  headersSsmName: string;
}

/**
 * The given headers, over them those of the secret, and over them the signal's own.
 *
 * @param readHeaders what a text says, or what is wrong with it, without showing any of it
 */
export function otlpCredentials(
  { headersSecretArn, headersSsmName }: HeadersSource,
  { headers, ownHeaders }: { headers: Headers; ownHeaders: Headers },
  readHeaders: (text: string) => Headers | string,
): KeptSecret<Headers> {
  return keptSecret(async () => ({ ...headers, ...(await fromSecret()), ...ownHeaders }), isDeepStrictEqual);

  async function fromSecret(): Promise<Headers> {
    if (!headersSecretArn && !headersSsmName) return {};
    const { readSecretText } = await import("./secrets.ts");
    const { name, text } = await readSecretText(headersSecretArn, headersSsmName, "the OTLP headers");
    const read = readHeaders(text);
    if (typeof read === "string") throw new Error(`${name} ${read}`);
    return read;
  }
}
