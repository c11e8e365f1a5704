import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { isJsonObject } from "../../formats/json-object.ts";
import { CommandError } from "../command-error.ts";

const REMEDY =
  "Give a file with a Lambda event as CloudWatch Logs sends it, or with a decoded delivery; events/ and events/decoded/ have samples.";

/**
 * The Lambda event in a file: as it is, or around a delivery that somebody has decoded.
 *
 * @param file `-` for the standard input
 * @throws {CommandError} when there is no JSON to be read
 */
export async function readGivenEvent(file: string, readInput: () => Promise<Buffer>): Promise<unknown> {
  const name = file === "-" ? "the standard input" : file;
  let content: Buffer;
  try {
    content = file === "-" ? await readInput() : readFileSync(file);
  } catch (error) {
    throw new CommandError(`cannot read ${name}: ${(error as NodeJS.ErrnoException).code}`, REMEDY, { cause: error });
  }
  let event: unknown;
  try {
    event = JSON.parse(content.toString("utf8"));
  } catch {
    throw new CommandError(`${name} is not JSON`, REMEDY);
  }
  return isDelivery(event) ? { awslogs: { data: gzipSync(JSON.stringify(event)).toString("base64") } } : event;
}

/** An error of the reading, as one message. */
export function unreadable(error: unknown): Error {
  const { name, message } = error as Error;
  return name === "UnreadableEventError" ? new CommandError(message, REMEDY, { cause: error }) : (error as Error);
}

function isDelivery(value: unknown): boolean {
  return isJsonObject(value) && "messageType" in value && "logEvents" in value;
}
