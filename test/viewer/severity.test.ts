import { SEVERITY_NUMBERS, severityOfLevel, severityOfNumber, severityOfText } from "../../src/viewer/severity.ts";

describe("the severity of a log", () => {
  it.each([
    ["warning", "warn"],
    ["ERROR", "error"],
    ["Critical", "fatal"],
    ["notice", "info"],
    [10, "trace"],
    [30, "info"],
    [60, "fatal"],
    [9, ""],
    [70, ""],
    ["constructor", ""],
    ["loud", ""],
    [undefined, ""],
    [Number.NaN, ""],
  ])("is told by the level %p", (level, severity) => {
    expect(severityOfLevel(level)).toBe(severity);
  });

  it.each([
    ["2026-11-21T01:51:12.822Z\t276ff3b9-1609-4ee7-a288-db3752630767\tWARN\tlow", "warn"],
    ["2026-11-21T01:51:12.822Z\tundefined\tERROR\tUncaught Exception \t{}", "error"],
    ["[ERROR]\t2026-11-21T01:51:12.822Z\t276ff3b9-1609-4ee7-a288-db3752630767\ta", "error"],
    ["[ERROR] ValueError: a", "error"],
    ["INFO: started", "info"],
    ["an ERROR: within", ""],
    ["", ""],
  ])("is told by the beginning of %j", (text, severity) => {
    expect(severityOfText(text)).toBe(severity);
  });

  it("is one of four numbers in OpenTelemetry, of which the lowest is written", () => {
    for (const [name, number] of Object.entries(SEVERITY_NUMBERS)) {
      if (name === "") continue;
      expect([0, 1, 2, 3].map((step) => severityOfNumber(number + step))).toEqual(Array(4).fill(name));
    }
    expect([0, 25, "17", undefined].map(severityOfNumber)).toEqual(["", "", "", ""]);
  });
});
