/** What Datadog's tracers write in front of a line of text. */
const IDS = /^\[dd\.trace_id=[^\]]{0,400}\] ?/;

/** A message in one line: what stands in front for machines is left out where the reader sees it elsewhere. */
export function oneLine(message: string, maxLength: number): string {
  const text = message.slice(0, maxLength * 4);
  // Lambda's Node runtime writes time, request id and level in front of each line.
  const written = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\t[A-Z]+\t([\s\S]*)$/.exec(text)?.[1] ?? text;
  const line = (jsonMessage(message) ?? written).replace(IDS, "").replace(/\s+/g, " ").trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

/** What a line of a structured logger says; undefined where it says it in no field of the usual name. */
function jsonMessage(message: string): string | undefined {
  if (!message.startsWith("{") || message.length > 20_000) return undefined;
  try {
    const fields = JSON.parse(message) as Record<string, unknown>;
    const said = ["message", "msg", "body"].map((name) => fields[name]).find((value) => typeof value === "string");
    return said as string | undefined;
  } catch {
    return undefined;
  }
}
