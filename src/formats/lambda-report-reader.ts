/** Reads the report of a request where it stands, as text, if it says nothing but its figures; see `lambda-report.ts`. */
import type { LogEvent, Slice } from "../telemetry.ts";
import { isBlank, isDigit, stands, ZERO } from "./escaped-json.ts";
import type { LambdaReport } from "./lambda-report.ts";

const LETTER_R = 0x52;
const DOT = 0x2e;
const ID_END = "REPORT RequestId: 276ff3b9-1609-4ee7-a288-db3752630767".length;
/** Longer ones are not exact when they are read digit by digit. */
const MAX_NUMBER_CHARACTERS = 15;

/** A figure between its name and its unit. */
interface Field {
  name: Buffer;
  unit: Buffer;
  isWhole: boolean;
}

const DURATION = field("Duration", "ms");
const BILLED_DURATION = field("Billed Duration", "ms");
const MEMORY_SIZE = field("Memory Size", "MB");
const MAX_MEMORY_USED = field("Max Memory Used", "MB");
const INIT_DURATION = field("Init Duration", "ms");

function field(name: string, unit: "ms" | "MB"): Field {
  return { name: Buffer.from(`\\t${name}: `), unit: Buffer.from(` ${unit}`), isWhole: unit === "MB" };
}

/** Reads reports of one slice. */
export class LambdaReportReader {
  readonly #bytes: Buffer;
  /** Behind what was read. */
  #at = 0;

  constructor({ bytes }: Slice) {
    this.#bytes = bytes;
  }

  /** Decision 58. */
  static readonly kept = new LambdaReportReader({ bytes: Buffer.alloc(0), text: "" });

  /** What a line says that is a report; undefined where it has another form, or says more. */
  read({ message, messageEnd }: LogEvent): LambdaReport | undefined {
    if (this.#bytes[message] !== LETTER_R) return undefined;
    this.#at = message + ID_END;
    const durationMs = this.#figure(DURATION);
    const billedDurationMs = this.#figure(BILLED_DURATION);
    const memorySizeMB = this.#figure(MEMORY_SIZE);
    const maxMemoryUsedMB = this.#figure(MAX_MEMORY_USED);
    if (maxMemoryUsedMB === undefined) return undefined;
    const initDurationMs = this.#figure(INIT_DURATION);
    if (!isBlank(this.#bytes, this.#at, messageEnd)) return undefined;
    return { durationMs, billedDurationMs, memorySizeMB, maxMemoryUsedMB, initDurationMs, status: "", errorType: "" };
  }

  /** Undefined where it does not stand here; those behind it do not then either. */
  #figure({ name, unit, isWhole }: Field): number | undefined {
    const bytes = this.#bytes;
    const start = this.#at + name.length;
    if (!stands(name, bytes, this.#at) || !isDigit(bytes[start] as number)) return undefined;
    let digits = 0;
    let scale = 0;
    let end = start;
    for (; isDigit(bytes[end] as number) || (bytes[end] === DOT && scale === 0 && !isWhole); end++) {
      if (bytes[end] === DOT) {
        scale = 1;
      } else {
        digits = digits * 10 + (bytes[end] as number) - ZERO;
        scale *= 10;
      }
    }
    if (end - start > MAX_NUMBER_CHARACTERS || !stands(unit, bytes, end)) return undefined;
    this.#at = end + unit.length;
    return digits / (scale || 1);
  }
}
