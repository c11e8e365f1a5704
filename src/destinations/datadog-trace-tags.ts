/** What the tags of a log stream say of the spans printed in it, as the Datadog Forwarder reads them. */

export interface TraceTags {
  /** The service that spans of the function itself get; "" = theirs. */
  service: string;
  /** Of every payload; "" = what its spans say. */
  env: string;
  /** Of payloads whose spans say none. */
  version: string;
  /** Attributes for every span that has none of the same name. */
  attributes: [string, string][];
}

/** The operation of the span that stands for a request of a Lambda function, and a service that tracers give it. */
export const LAMBDA = "aws.lambda";

/** A function has one service, and its runtime may have another. */
const MAX_LAMBDA_SERVICES = 16;

/**
 * Of several tags of one name the last counts. Names that begin with `_` are Datadog's own.
 *
 * @param tags `name:value` each; others say nothing of spans
 */
export function traceTagsOf(tags: readonly string[]): TraceTags {
  const attributes = new Map<string, string>();
  let [service, env] = ["", ""];
  for (const tag of tags) {
    const colon = tag.indexOf(":");
    const name = tag.slice(0, Math.max(0, colon)).trim();
    const value = tag.slice(colon + 1).trim();
    if (!name || !value || name.startsWith("_")) continue;
    const lower = name.toLowerCase();
    if (lower === "service") service = value;
    else if (lower !== "env") attributes.set(name, value);
    else if (value !== "none") env = value;
  }
  return { service, env, version: attributes.get("version") ?? "", attributes: [...attributes] };
}

/**
 * How services are called once those of the function have the name that its tags give it: what begins with one of them
 * keeps the rest, so `fn-dns` becomes `svc-dns`. Where several fit, the longest counts.
 *
 * @param lambdaServices in order; the empty one names nothing
 * @returns undefined where nothing changes
 */
export function renamingOf(lambdaServices: Iterable<string>, to: string): ((service: string) => string) | undefined {
  const own = [...new Set(lambdaServices)].filter(Boolean).slice(0, MAX_LAMBDA_SERVICES);
  if (!to || own.every((service) => service === to)) return undefined;
  own.sort((a, b) => b.length - a.length);
  return (service) => {
    const front = own.find((candidate) => service.startsWith(candidate));
    return front === undefined ? service : to + service.slice(front.length);
  };
}
