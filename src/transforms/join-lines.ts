/** Joins log events that are lines of one: a stack trace, or JSON over several lines, of which each line became an event. */
import { messageOf } from "../formats/message.ts";
import type { LogRecord, ResourceTelemetry } from "../telemetry.ts";

/** Characters of a joined message; what follows begins another. */
const MAX_JOINED_LENGTH = 256 * 1024;

/**
 * In a log stream, an event that no pattern finds the beginning of belongs to the one before it, if that has a beginning and
 * is of the same request. Lines of the platform, traces and metrics stand between events. What is joined is counted as
 * `joinedLine`.
 *
 * @param begins whether a message begins an event
 */
export function joinLines(begins: (message: string) => boolean) {
  return (telemetry: ResourceTelemetry, dropped: Record<string, number>): ResourceTelemetry => {
    const { resource, logs, slice } = telemetry;
    if (resource.attributes["aws.log.stream.names"] === undefined) return telemetry;
    const kept: LogRecord[] = [];
    let lines: string[] = [];
    let length = 0;
    let last: LogRecord | undefined;
    for (const record of logs) {
      const message = messageOf(record, slice);
      const isBeginning = begins(message);
      if (last && !isBeginning && continues(last, record) && length + message.length <= MAX_JOINED_LENGTH) {
        lines.push(message);
        length += message.length;
        dropped.joinedLine = (dropped.joinedLine ?? 0) + 1;
        last.index = record.index;
        continue;
      }
      close();
      last = undefined;
      if (isBeginning && !record.context?.platform) {
        last = { ...record };
        lines = [message];
        length = message.length;
      }
      kept.push(last ?? record);
    }
    close();
    return { ...telemetry, logs: kept };

    function close(): void {
      if (last && lines.length > 1) last.body = joined(lines);
    }
  };
}

/** @param last an event, whose index is that of its last line */
function continues(last: LogRecord, record: LogRecord): boolean {
  if (record.index !== last.index + 1 || record.context?.platform) return false;
  return !record.invocation || !last.invocation || record.invocation.requestId === last.invocation.requestId;
}

/** Lambda leaves the line feed at the end of a line. */
function joined(lines: readonly string[]): string {
  return lines.map((line, index) => (index < lines.length - 1 ? line.replace(/\r?\n$/, "") : line)).join("\n");
}
