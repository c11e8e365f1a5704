/** Reads metric lines. Loaded by the first line that may be one, and where stored metrics are read. */
import type { Metric } from "../telemetry.ts";
import { isJsonObject } from "./json-object.ts";

/** Later no clock is; what is beyond it are not seconds. */
const MAX_UNIX_SECONDS = 1e11;

/** The metric that a message is; undefined when it is something else. */
export function readMetricLine(message: string): Metric | undefined {
  try {
    return metricOf(JSON.parse(message));
  } catch {
    return undefined;
  }
}

/** The metric of a parsed line. One that has no name, no time, or tags that are no texts cannot be sent, and is none. */
export function metricOf(line: unknown): Metric | undefined {
  if (!isJsonObject(line)) return undefined;
  const { m: name, v: value, e: time, t: tags } = line;
  if (typeof name !== "string" || name === "" || !Number.isFinite(value) || !isTime(time)) return undefined;
  if (!Array.isArray(tags) || !tags.every(isTag)) return undefined;
  return {
    name,
    points: [{ timeUnixSeconds: Math.floor(time), values: [value as number] }],
    tags: tags.map(String),
    isLine: true,
  };
}

function isTime(time: unknown): time is number {
  return typeof time === "number" && time > 0 && time < MAX_UNIX_SECONDS;
}

function isTag(tag: unknown): boolean {
  return typeof tag === "string" || typeof tag === "number" || typeof tag === "boolean";
}
