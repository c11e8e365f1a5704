/**
 * Whether a line says that it tells of an error: a cheap look at what stands in it, in doubt yes. Read are the levels of
 * Lambda's runtimes, and those of loggers as words and as members of JSON.
 */

const WORDS = "ERROR|FATAL|CRITICAL|SEVERE|ALERT|EMERGENCY|EMERG|PANIC";
/** Node: `time<TAB>request id<TAB>level<TAB>text`; Python: `[LEVEL]<TAB>time<TAB>…`, `[ERROR] type: message`. */
const RUNTIME_LEVEL =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]{8,20}Z\\t(?:[0-9a-fA-F-]{36}|undefined)\\t([A-Z]{1,10})\\t|\[([A-Z]{1,10})\](?:\\t| ))/;
const IS_ERROR = new RegExp(`^(?:${WORDS})$`);
/** A word in capitals. The letter of an escaped tab or newline is none of the word. */
const WORD = new RegExp(String.raw`(?:^|\\[nrt]|[^\w\\-])(?:${WORDS})(?![\w-])`);
/** How far from the front of a text its level may stand. */
const FRONT_CHARACTERS = 150;

/** Members stand escaped once, or more often where JSON is in JSON. Numbers are pino's, bunyan's and OpenTelemetry's. */
const MEMBER = new RegExp(
  [
    String.raw`\\{1,7}"(?:log\.)?(?:(?:log_?)?level(?:name)?|lvl|severity(?:_?text)?|status)\\{1,7}": ?\\{1,7}"(?:${WORDS}|ERR|CRIT)\\`,
    String.raw`\\{1,7}"level\\{1,7}": ?[5-9]\d(?![\d.])`,
    String.raw`\\{1,7}"severity_?number\\{1,7}": ?(?:1[7-9]|2[0-4])(?!\d)`,
  ].join("|"),
  "i",
);

/**
 * @param text of a slice
 * @param message where the escaped message begins
 * @param messageEnd behind its last character
 */
export function tellsError(text: string, message: number, messageEnd: number): boolean {
  const line = text.slice(message, messageEnd);
  const runtime = RUNTIME_LEVEL.exec(line);
  const level = runtime?.[1] ?? runtime?.[2];
  if (level !== undefined && IS_ERROR.test(level)) return true;
  const rest = runtime ? line.slice(runtime[0].length) : line;
  if (rest.startsWith("{")) return MEMBER.test(rest);
  return level === undefined && WORD.test(rest.slice(0, FRONT_CHARACTERS));
}
