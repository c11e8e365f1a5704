/**
 * Lines that tell that a request failed, and how: the platform's about timeouts and runtimes that exited, the runtimes'
 * about memory that ran out and about errors that nobody caught.
 */
import type { LogRecord, Slice } from "../telemetry.ts";
import { isJsonObject } from "./json-object.ts";
import { mayBeTimeout, outOfMemoryNeedles } from "./lambda-failure.ts";
import { isOutOfMemory, timedOutRequest } from "./lambda-failure-reader.ts";
import { messageOf } from "./message.ts";
import type { Needle } from "./needle.ts";

export interface LambdaError {
  /** `TypeError`, `Runtime.ExitError`, `timeout`, …; "" = unknown. */
  type: string;
  /** "" = unknown. */
  message: string;
  /** How exactly it tells the error: of several lines the highest counts. */
  rank: 1 | 2 | 3;
}

/** As the platform calls them, where it does. */
export const TIMEOUT = "timeout";
export const OUT_OF_MEMORY = "Runtime.OutOfMemory";

const MAX_MESSAGE_CHARACTERS = 1_000;

/** `2026-11-21T01:51:12.822Z<TAB>276ff3b9-1609-4ee7-a288-db3752630767<TAB>ERROR<TAB>` */
const NODE_LEVEL_AT = "2026-11-21T01:51:12.822Z\\t276ff3b9-1609-4ee7-a288-db3752630767\\t".length;
const NODE = /^[^\t]{24}\t[^\t]{36}\tERROR\t(?:Invoke Error|Uncaught Exception|Unhandled Promise Rejection) ?\t(?=\{)/;
const PYTHON = /^\[ERROR\] ([\w.]{1,100})(?:: ([^\r\n]{0,1000}))?[\r\n]+Traceback \(most recent call last\)/;
const EXITED = /^RequestId: [0-9a-fA-F-]{36} (Error: [^\r\n]{1,1000})(?:[\r\n]+([\w.]{1,100}))?/;

/** Of one slice. Its records are asked for in their order. */
export class LambdaErrors {
  readonly #slice: Slice;
  readonly #outOfMemory: readonly Needle[];

  constructor(slice: Slice) {
    this.#slice = slice;
    this.#outOfMemory = outOfMemoryNeedles(slice.text);
  }

  /** Undefined where the line tells of none. */
  of(record: LogRecord): LambdaError | undefined {
    const { text } = this.#slice;
    const { message, messageEnd } = record;
    if (mayBeTimeout(text, message)) {
      const line = messageOf(record, this.#slice);
      const words = line.slice(line.indexOf("Task timed out")).trim();
      return timedOutRequest(line) ? { type: TIMEOUT, message: words, rank: 3 } : undefined;
    }
    if (
      this.#outOfMemory.some((needle) => needle.isBetween(message, messageEnd)) &&
      isOutOfMemory(messageOf(record, this.#slice))
    ) {
      return { type: OUT_OF_MEMORY, message: "", rank: 3 };
    }
    return mayBeUncaught(text, message) ? readUncaught(messageOf(record, this.#slice)) : undefined;
  }
}

/** A cheap look that may be wrong only in saying yes. */
function mayBeUncaught(text: string, message: number): boolean {
  return (
    text.startsWith("ERROR\\t", message + NODE_LEVEL_AT) ||
    text.startsWith("[ERROR] ", message) ||
    text.startsWith("RequestId: ", message)
  );
}

/** An error that nobody caught, as the runtimes of Node.js and Python write it, or the exit of a runtime. */
export function readUncaught(message: string): LambdaError | undefined {
  const node = NODE.exec(message);
  if (node) return errorIn(message.slice(node[0].length));
  const python = PYTHON.exec(message);
  if (python) return { type: python[1] as string, message: python[2] ?? "", rank: 2 };
  const exited = EXITED.exec(message);
  return exited ? { type: exited[2] ?? "", message: exited[1] as string, rank: 1 } : undefined;
}

function errorIn(json: string): LambdaError | undefined {
  try {
    const error: unknown = JSON.parse(json);
    if (!isJsonObject(error)) return undefined;
    const { errorType, errorMessage } = error;
    return {
      type: typeof errorType === "string" ? errorType.slice(0, 100) : "",
      message: typeof errorMessage === "string" ? errorMessage.slice(0, MAX_MESSAGE_CHARACTERS) : "",
      rank: 2,
    };
  } catch {
    return undefined;
  }
}

/** The one that tells more; the first of equals. */
export function clearerError(a: LambdaError | undefined, b: LambdaError | undefined): LambdaError | undefined {
  return b && (!a || b.rank > a.rank) ? b : a;
}
