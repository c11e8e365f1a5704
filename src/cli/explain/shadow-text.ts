/** What shadow mode would find in a sample, with the contents that it counts and never shows. */
import type { Config } from "../../config.ts";
import { deliveriesIn, type SeenDifference, type ShadowReport, shadow } from "../../handlers/shadow.ts";
import type { Forwarder } from "../../telemetry.ts";
import { oneLine } from "../one-line.ts";
import type { Paint } from "../paint.ts";

type Item = SeenDifference["ours"];

const LABEL_WIDTH = 10;

/**
 * @param forwarderIn the forwarder in an account: that of the sample, as a forwarder usually is
 * @throws {UnreadableEventError}
 */
export async function shadowOf(
  event: unknown,
  config: Config,
  forwarderIn: (account: string | undefined) => Forwarder,
): Promise<{ differences: SeenDifference[]; report: ShadowReport }> {
  const differences: SeenDifference[] = [];
  let line = "";
  await shadow(
    event,
    config,
    forwarderIn(deliveriesIn(event)[0]?.owner),
    (written) => {
      line = written;
    },
    (difference) => void differences.push(difference),
  );
  return { differences, report: JSON.parse(line).ledger.shadow };
}

/**
 * A block for each difference, and a sum: what nothing explains first.
 *
 * @param columns characters in a line; Infinity to show everything
 */
export function shadowText(
  differences: readonly SeenDifference[],
  report: ShadowReport,
  columns: number,
  paint: Paint,
): string {
  const unexplained = differences.filter(({ meant }) => meant === "");
  let stream = "";
  const blocks = [...unexplained, ...differences.filter(({ meant }) => meant !== "")].map((it) => {
    const ofStream = `${it.logGroup} ${it.logStream}`;
    const heading = ofStream === stream ? [] : [paint("bold", oneLine(ofStream, columns))];
    stream = ofStream;
    return [
      ...heading,
      paint(it.meant === "" ? "red" : "cyan", `#${it.event}  ${it.field}, ${it.kind}`),
      labelled("why", it.meant || "nothing explains it"),
      labelled("ours", shown(it.ours, it.field)),
      labelled("theirs", shown(it.theirs, it.field)),
      "",
    ].join("\n");
  });
  const notCompared = Object.entries(report.notCompared).map(([what, count]) => `Not compared: ${count} ${what}`);
  const sum = `${report.compared} logs compared, ${report.same} the same; ${unexplained.length} differences that nothing explains`;
  return `${[...blocks, ...notCompared, sum].join("\n")}\n`;

  function labelled(label: string, text: string): string {
    return `    ${paint("dim", label.padEnd(LABEL_WIDTH))}${oneLine(text, columns - LABEL_WIDTH - 4)}`;
  }
}

/** Of a field that is not named, all of the item. */
function shown(item: Item, field: string): string {
  if (item === undefined) return "no log";
  const [outer, ...inner] = field.split(".");
  if (outer === "ddtags" && inner.length > 0 && inner[0] !== "other") {
    const tags = String(item.ddtags ?? "").split(",");
    return tags.filter((tag) => tag.split(":", 1)[0] === inner[0]).join(",") || "none";
  }
  if (outer === "ddtags") return String(item.ddtags ?? "none");
  const value = field === "item" || field === "other" ? item : valueAt(item, field.split("."));
  return value === undefined ? "none" : JSON.stringify(value);
}

function valueAt(item: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    item,
  );
}
