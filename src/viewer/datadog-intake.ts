/** What Datadog's intake takes, and refuses. */
import { isJsonObject } from "../formats/json-object.ts";
import { decodeAgentPayload } from "./agent-payload.ts";
import { type Answer, json, refused } from "./answer.ts";
import { receivedLog, receivedMetric, spansOf } from "./datadog-items.ts";
import type { Store } from "./store.ts";

const MAX_LOGS = 1_000;

/** By path. */
export const DATADOG_TAKERS: ReadonlyMap<string, (body: Buffer, store: Store) => Answer> = new Map([
  ["/api/v2/logs", takeLogs],
  ["/api/v0.2/traces", takeTraces],
  ["/api/v1/distribution_points", takeMetrics],
]);

const accepted = json(202, {});

function takeLogs(body: Buffer, store: Store): Answer {
  const given = parsed(body);
  if (given === undefined) return refused(400, "body is not JSON");
  const items: unknown[] = Array.isArray(given) ? given : [given];
  if (items.length > MAX_LOGS) return refused(413, `more than ${MAX_LOGS} logs`);
  if (!items.every(isJsonObject)) return refused(400, "body is not an object or an array of objects");
  const nowMs = Date.now();
  store.addLogs(items.map((item) => receivedLog(item, nowMs)));
  return accepted;
}

function takeTraces(body: Buffer, store: Store): Answer {
  try {
    store.addSpans(spansOf(decodeAgentPayload(body)));
    return accepted;
  } catch (error) {
    return refused(400, `body is not an AgentPayload: ${(error as Error).message}`);
  }
}

function takeMetrics(body: Buffer, store: Store): Answer {
  const given = parsed(body);
  if (given === undefined) return refused(400, "body is not JSON");
  const series = isJsonObject(given) && Array.isArray(given.series) ? given.series.map(receivedMetric) : [undefined];
  const metrics = series.filter((metric) => metric !== undefined);
  if (metrics.length < series.length) return refused(400, "body is not a list of series with points");
  store.addMetrics(metrics);
  return accepted;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
