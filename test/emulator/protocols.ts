import { randomUUID } from "node:crypto";
import { type AwsAnswer, type AwsCall, AwsError, NotEmulated } from "./service.ts";

// biome-ignore lint/suspicious/noExplicitAny: each operation reads its own input
type Operations = Record<string, (input: any, call: AwsCall) => unknown>;

/** `application/x-amz-json-1.1`: the operation is in `X-Amz-Target`, input and output are JSON. */
export async function answerJson(call: AwsCall, operations: Operations): Promise<AwsAnswer> {
  const headers = { "content-type": "application/x-amz-json-1.1" };
  try {
    const operation = operations[operationOf(call)];
    if (!operation) throw new NotEmulated(`${call.service} ${operationOf(call)}`);
    const output = await operation(JSON.parse(call.body.toString() || "{}"), call);
    return { status: 200, headers, body: JSON.stringify(output ?? {}) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { status: error.status, headers, body: JSON.stringify({ __type: error.code, message: error.message }) };
  }
}

/** The Query protocol: a form with `Action`, answered with XML. */
export async function answerQuery(call: AwsCall, operations: Operations): Promise<AwsAnswer> {
  const headers = { "content-type": "text/xml" };
  const RequestId = randomUUID();
  try {
    const name = operationOf(call);
    const operation = operations[name];
    if (!operation) throw new NotEmulated(`${call.service} ${name}`);
    const output = await operation(Object.fromEntries(new URLSearchParams(call.body.toString())), call);
    const body = xml(`${name}Response`, { [`${name}Result`]: output ?? {}, ResponseMetadata: { RequestId } });
    return { status: 200, headers, body };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const answered = { Type: "Sender", Code: error.code, Message: error.message };
    return { status: error.status, headers, body: xml("ErrorResponse", { Error: answered, RequestId }) };
  }
}

/** The name of the call for a person: `CreateChangeSet`, or method and path where the protocol has no names. */
export function operationOf(call: AwsCall): string {
  const target = call.headers["x-amz-target"];
  if (target) return target.slice(target.lastIndexOf(".") + 1);
  if (call.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    return new URLSearchParams(call.body.toString()).get("Action") ?? "a form without Action";
  }
  const query = [...call.query.keys()].filter((key) => key !== "x-id").join("&");
  return `${call.method} ${call.path}${query && `?${query}`}`;
}

/**
 * A value as XML. Fields that are undefined are left out; an array is a list of `<member>`, or, when `flat` has its
 * name, the element repeated.
 */
export function xml(name: string, value: unknown, flat: string[] = []): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) {
    if (flat.includes(name)) return value.map((item) => xml(name, item, flat)).join("");
    return `<${name}>${value.map((item) => xml("member", item, flat)).join("")}</${name}>`;
  }
  const content =
    value !== null && typeof value === "object"
      ? Object.entries(value)
          .map(([key, child]) => xml(key, child, flat))
          .join("")
      : escapeXml(String(value));
  return `<${name}>${content}</${name}>`;
}

/** The texts of all elements of a name, in order. */
export function xmlTexts(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map((match) =>
    unescapeXml(match[1] ?? ""),
  );
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

function unescapeXml(text: string): string {
  return Object.entries(entities).reduceRight((rest, [character, entity]) => rest.replaceAll(entity, character), text);
}
