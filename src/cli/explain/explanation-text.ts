import { oneLine } from "../one-line.ts";
import type { Paint } from "../paint.ts";
import type { Explanation } from "./explanation.ts";

const LABEL_WIDTH = 10;

/**
 * One block for a person, with a heading where the log stream is another than that of the one before.
 *
 * @param columns characters in a line; Infinity to show everything
 */
export function explanationText(
  it: Explanation,
  before: Explanation | undefined,
  columns: number,
  paint: Paint,
): string {
  const isSameStream = before !== undefined && before.logGroup === it.logGroup && before.logStream === it.logStream;
  const heading =
    isSameStream || !it.logGroup
      ? []
      : [paint("bold", oneLine(`${it.logGroup} ${it.logStream} account ${it.owner}`, columns))];
  const time = it.timestampUnixMs === null ? "" : `  ${timeText(it.timestampUnixMs)}`;
  const isOut = it.leftOut !== "";
  const which = it.log > 0 ? ` ${it.log} of ${it.logs}` : "";
  const title = `#${it.event || "-"}  ${it.kind}${which}${isOut ? `, left out: ${it.leftOut}` : ""}${time}`;
  const lines = [
    line("message", it.message),
    ...it.why.map((why) => line("why", why)),
    ...(it.kind === "log" ? logLines(it) : []),
    ...it.traces.map(({ traceId, spans, requestIds }) =>
      line(
        "trace",
        `${traceId}, ${spans} spans, ${requestIds.length > 0 ? `of the request ${requestIds.join(", ")}` : "which name no request"}`,
      ),
    ),
    ...it.changes.map((change) => line("changed", change)),
    ...it.sent.map(({ destination, item }) => line("sent", `${destination}  ${JSON.stringify(item)}`)),
  ];
  return `${[...heading, paint(isOut ? "red" : "cyan", title), ...lines].join("\n")}\n`;

  function line(label: string, text: string): string {
    return `    ${paint("dim", label.padEnd(LABEL_WIDTH))}${oneLine(text, columns - LABEL_WIDTH - 4)}`;
  }

  function logLines({ request, trace, origin }: Explanation): string[] {
    const span = trace.is?.spanId ? `, span ${trace.is.spanId}` : "";
    return [
      line("request", request.is ? `${request.is.requestId}: ${request.by}` : `unknown: ${request.by}`),
      line("trace", trace.is ? `${trace.is.traceId}${span}: ${trace.by}` : `none: ${trace.by}`),
      ...(origin
        ? [
            line("source", `${origin.source}: ${origin.sourceBy}`),
            ...(origin.host ? [line("host", `${origin.host}: ${origin.hostBy}`)] : []),
            ...(origin.service ? [line("service", `${origin.service}: ${origin.serviceBy}`)] : []),
            ...(origin.tags.length > 0 ? [line("tags", origin.tags.join(" "))] : []),
          ]
        : []),
    ];
  }
}

function timeText(unixMs: number): string {
  const time = new Date(unixMs);
  return Number.isNaN(time.getTime()) ? String(unixMs) : time.toISOString();
}
