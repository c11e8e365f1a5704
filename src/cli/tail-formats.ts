/**
 * What `aws logs tail` prints: `--format detailed` and `json` begin an event with its time and log stream, `short` with its
 * time alone. What follows is the message, which may go on in the next lines.
 *
 * @see https://github.com/aws/aws-cli/blob/v2/awscli/customizations/logs/tail.py
 */

export interface TailedStart {
  timestamp: number;
  /** "" = not said. */
  logStream: string;
  /** The first line of it. */
  message: string;
}

/** Of Lambda, and of containers: without one of these names, anything may stand behind a time. */
const LOG_STREAM =
  "\\d{4}\\/\\d\\d\\/\\d\\d\\/[^\\s:*[\\]]{0,140}\\[[^\\s\\]]{1,20}\\][0-9a-f]{32}|[^\\s:*/]{1,200}\\/[^\\s:*/]{1,255}\\/[0-9a-f]{32}";
const DETAILED = new RegExp(
  `^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{6})?\\+00:00) (${LOG_STREAM})(?: |$)`,
);
const SHORT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) /;
/** Behind the time of `short`: what Lambda and its runtimes write, and what tracers print. */
const OF_LAMBDA =
  /^(?:(?:START|END|REPORT|RESTORE_START) RequestId: |INIT_START Runtime Version: |(?:\[[A-Z]{1,10}\]\t)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t|\{"time": ?"[^"]{1,40}", ?"type": ?"platform\.|\{"(?:traces|resourceSpans|resourceLogs|__otel_otlp_stdout)": ?)/;

/** The event that begins with this line of `detailed` or `json`. Undefined where none does. */
export function detailedStart(line: string): TailedStart | undefined {
  const [start, time = "", logStream = ""] = DETAILED.exec(line) ?? [];
  const timestamp = Date.parse(time);
  return start === undefined || Number.isNaN(timestamp)
    ? undefined
    : { timestamp, logStream, message: line.slice(start.length) };
}

/**
 * The event that begins with this line of `short`.
 *
 * Programs begin lines with such a time too. So it counts where it stands before what only Lambda writes.
 *
 * @param isKnown whether that was met already: then every such time is the tool's
 */
export function shortStart(line: string, isKnown: boolean): TailedStart | undefined {
  const [start, time = ""] = SHORT.exec(line) ?? [];
  if (start === undefined) return undefined;
  const message = line.slice(start.length);
  const timestamp = Date.parse(`${time}Z`);
  return Number.isNaN(timestamp) || !(isKnown || OF_LAMBDA.test(message))
    ? undefined
    : { timestamp, logStream: "", message };
}
