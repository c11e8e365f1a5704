import { readExactObject } from "../../src/formats/exact-object.ts";
import { severityOfJson, severityOfText } from "../../src/formats/severity.ts";
import { capturedMessages } from "../helpers/deliveries.ts";

const A_REQUEST = "14ff4e83-8583-4905-92dc-a089e4ee6e6f";
const ofJson = (log: object) => severityOfJson(readExactObject(JSON.stringify(log)) ?? {});

describe("the severity of a line", () => {
  it.each([
    ["Lambda's JSON format", { timestamp: "t", level: "WARN", message: "m" }, 13, "WARN"],
    ["pino", { level: 30, msg: "m" }, 9, "info"],
    ["pino with a level of one's own", { level: 35, msg: "m" }, 9, "info"],
    ["bunyan", { level: 60, msg: "m" }, 21, "fatal"],
    ["Powertools", { level: "CRITICAL", message: "m" }, 21, "CRITICAL"],
    ["winston", { level: "silly", message: "m" }, 1, "silly"],
    ["Python's JSON loggers", { levelname: "WARNING", message: "m" }, 13, "WARNING"],
    ["Google's loggers", { severity: "NOTICE", message: "m" }, 10, "NOTICE"],
    ["the Elastic Common Schema", { "log.level": "error", message: "m" }, 17, "error"],
    ["the Elastic Common Schema, nested", { log: { level: "debug" }, message: "m" }, 5, "debug"],
    ["OpenTelemetry", { severityNumber: 18, body: "m" }, 18, ""],
  ])("is found as %s writes it", (_, log, number, text) => {
    expect(ofJson(log)).toEqual({ number, text });
  });

  it.each([
    [`2026-11-21T01:54:29.831Z\t${A_REQUEST}\tERROR\tno thought`, 17, "ERROR"],
    ["2026-11-21T01:54:29.831Z\tundefined\tDEBUG\tbefore any request", 5, "DEBUG"],
    [`[WARNING]\t2026-11-21T01:54:29.831Z\t${A_REQUEST}\thot`, 13, "WARNING"],
    ["[ERROR] ValueError: bad\nTraceback", 17, "ERROR"],
    ["ERROR something", 17, "ERROR"],
    ["INFO:root:hello", 9, "INFO"],
    ["2026-11-21 01:54:29,831 WARN  main - hot", 13, "WARN"],
    ["FATAL", 21, "FATAL"],
    [`2026-11-21T01:54:29.831Z ${A_REQUEST} Task timed out after 3.00 seconds`, 17, ""],
    [`RequestId: ${A_REQUEST} Error: Runtime exited with error: signal: killed`, 17, ""],
  ])("is found in text: %j", (line, number, text) => {
    expect(severityOfText(line)).toEqual({ number, text });
  });

  it.each([
    `START RequestId: ${A_REQUEST} Version: $LATEST`,
    `REPORT RequestId: ${A_REQUEST}\tDuration: 1 ms`,
    "Error in the middle of a word",
    "the ERROR is not in front",
    "[constructor] x",
    "ERRORS occurred",
    "",
  ])("is not made up: %j", (line) => {
    expect(severityOfText(line)).toEqual({ number: 0, text: "" });
  });

  it.each([
    { level: 5 },
    { level: 1e9 },
    { level: "loud" },
    { level: null },
    { level: "__proto__" },
    { log: null },
    {},
  ])("is not made up: %j", (log) => expect(ofJson(log)).toEqual({ number: 0, text: "" }));

  it("is known of every line that the captured loggers wrote with a level", () => {
    const lines = capturedMessages("powertools/powertools-logger.lambda-events.jsonl");
    const objects = lines.map((line) => readExactObject(line) ?? {}).filter((log) => "level" in log);
    expect(objects.length).toBeGreaterThan(0);
    for (const log of objects) expect(severityOfJson(log).number).toBeGreaterThan(0);
  });
});
