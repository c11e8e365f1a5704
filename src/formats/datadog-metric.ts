/**
 * Metric lines of Datadog's Lambda libraries: `{"m":"name","v":1.5,"e":1795226069,"t":["key:value"]}`, with their keys in
 * any order. They are points of a distribution, and no logs.
 *
 * @see https://docs.datadoghq.com/serverless/aws_lambda/metrics/#submitting-many-data-points
 */
import { BACKSLASH, OPENING_BRACE, SPACE } from "./escaped-json.ts";
import { Needle } from "./needle.ts";
import { NotLoadedError } from "./not-loaded.ts";

type MetricReader = typeof import("./datadog-metric-reader.ts");

const OTHER_KEYS = ['\\"m\\', '\\"e\\', '\\"t\\'];

/** Loaded by the first line that may be one. */
let reader: MetricReader | undefined;

/** Looks for metric lines in one slice. Lines are asked for in their order. */
export class MetricLines {
  readonly #text: string;
  /** Of the four keys the one with the rarest letter. */
  readonly #key: Needle;

  /** @param text of the slice */
  constructor(text: string) {
    this.#text = text;
    this.#key = new Needle(text, '\\"v\\', "v\\");
  }

  /**
   * A cheap look that may be wrong only in saying yes.
   *
   * @param from where the escaped message begins, without its quote
   * @param to where it ends
   */
  mayBe(from: number, to: number): boolean {
    const first = this.#text.charCodeAt(from);
    if (first !== OPENING_BRACE && first !== BACKSLASH && first !== SPACE) return false;
    if (!this.#key.isBetween(from, to)) return false;
    const line = this.#text.slice(from, to);
    return OTHER_KEYS.every((key) => line.includes(key));
  }
}

/** @throws {NotLoadedError} */
export function metricReader(): MetricReader {
  if (reader) return reader;
  throw new NotLoadedError(loadMetricReader);
}

export async function loadMetricReader(): Promise<void> {
  reader = await import("./datadog-metric-reader.ts");
}
