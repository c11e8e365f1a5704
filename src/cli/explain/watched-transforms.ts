/** Looks at telemetry before and after each transform that settings ask for. */
import { messageOf } from "../../formats/message.ts";
import type { Transform } from "../../pipeline.ts";
import type { LogRecord, ResourceTelemetry, Slice, TracePayload } from "../../telemetry.ts";

/** What the transforms found and made of one batch. */
export interface Watched {
  /** As it was before the first of them. */
  before: ResourceTelemetry;
  /** The records themselves, in the order of those before: transforms change them in their place. */
  records: LogRecord[];
  /** By the index of a log event: what was changed in its spans, a sentence each. */
  changes: Map<number, string[]>;
  /** The same by log. */
  recordChanges: Map<LogRecord, string[]>;
  /** By log: the setting that leaves it out. */
  leftOut: Map<LogRecord, string>;
}

/** The transforms, each watched, and what was seen of every batch so far. */
export function watched(transforms: readonly Transform[]): { transforms: Transform[]; batches: Watched[] } {
  const batches: Watched[] = [];
  const begin: Transform = (telemetry) => {
    const before = { ...telemetry, logs: telemetry.logs.map((log) => ({ ...log })) };
    const records = [...telemetry.logs];
    batches.push({ before, records, changes: new Map(), recordChanges: new Map(), leftOut: new Map() });
    return telemetry;
  };
  return { batches, transforms: [begin, ...transforms.map((transform) => watch(transform))] };

  function watch(transform: Transform): Transform {
    return async (telemetry, dropped) => {
      const batch = batches.at(-1) as Watched;
      const logs = [...telemetry.logs];
      const texts = new Map(logs.map((log) => [log, textOf(log, telemetry.slice)]));
      const spans = new Map(telemetry.tracePayloads.map((payload) => [payload.index, spansOf(payload)]));
      const after = await transform(telemetry, dropped);
      const kept = new Set(after.logs);
      for (const log of logs) {
        if (!kept.has(log)) batch.leftOut.set(log, await settingThatDrops(transform, telemetry, log));
      }
      for (const log of after.logs) {
        if (textOf(log, after.slice) !== texts.get(log))
          note(batch.recordChanges, log, "the message or its fields were scrubbed");
      }
      for (const payload of after.tracePayloads) {
        const changed = changedFields(spans.get(payload.index) ?? [], spansOf(payload));
        if (changed.length > 0 && !payload.isDerived)
          note(batch.changes, payload.index, `spans were changed in ${changed.join(", ")}`);
      }
      return after;
    };
  }
}

function note<Key>(changes: Map<Key, string[]>, key: Key, change: string): void {
  changes.set(key, [...new Set([...(changes.get(key) ?? []), change])]);
}

/** Asked with the log alone, the transform counts it under the setting's name. */
async function settingThatDrops(transform: Transform, telemetry: ResourceTelemetry, log: LogRecord): Promise<string> {
  const dropped: Record<string, number> = {};
  await transform({ ...telemetry, logs: [log], tracePayloads: [], metrics: [] }, dropped);
  return Object.keys(dropped)[0] ?? "a setting";
}

/** The message and what was extracted from it. */
function textOf(log: LogRecord, slice: Slice): string {
  return messageOf(log, slice) + slice.bytes.toString("utf8", log.messageEnd, log.end);
}

type Fields = Map<string, string>;

/** What each span says, a text for each field and attribute. */
function spansOf(payload: TracePayload): Fields[] {
  return payload.decode().flatMap(({ spans }) =>
    spans.map(({ attributes, ...fields }) => {
      const own = Object.entries(fields).map(([name, value]) => [name, written(value)] as const);
      return new Map([...own, ...Object.entries(attributes)]);
    }),
  );
}

function changedFields(before: readonly Fields[], after: readonly Fields[]): string[] {
  const names = after.flatMap((span, at) => {
    const old = before[at] ?? new Map<string, string>();
    return [...new Set([...old.keys(), ...span.keys()])].filter((name) => old.get(name) !== span.get(name));
  });
  return [...new Set(names)];
}

function written(value: unknown): string {
  return JSON.stringify(value, (_key, it) => (typeof it === "bigint" ? String(it) : it)) ?? "";
}
