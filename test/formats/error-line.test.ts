import fc from "fast-check";
import { tellsError } from "../../src/formats/error-line.ts";
import { nodeLine } from "../helpers/platform-lines.ts";

function tells(message: string): boolean {
  const escaped = JSON.stringify(message);
  return tellsError(escaped, 1, escaped.length - 1);
}

describe("a line of an error", () => {
  it.each([
    nodeLine("x", "ERROR"),
    nodeLine("x", "FATAL"),
    nodeLine('{"level":"error","msg":"x"}'),
    nodeLine('{"level":50,"msg":"x"}'),
    "[ERROR]\t2026-11-21T01:51:12.822Z\tid\tx",
    "[CRITICAL]\tx",
    "[ERROR] KeyError: 'x'",
    '{"level":50,"time":1}',
    '{"level": 60}',
    '{"timestamp":"x","level":"ERROR","requestId":"y","message":"z"}',
    '{"severity":"CRITICAL"}',
    '{"severityNumber":17}',
    '{"severity_text":"Error"}',
    '{"log.level":"error"}',
    '{"levelname": "FATAL"}',
    '{"status":"error"}',
    JSON.stringify({ level: "INFO", message: JSON.stringify({ level: "error" }) }),
    "2026-11-21 01:51:12,822 ERROR [main] x",
    "ERROR: x",
    "\tSEVERE\tx",
    "level=ERROR x",
  ])("is %j", (line) => {
    expect(tells(line)).toBe(true);
  });

  it.each([
    "",
    "x",
    nodeLine("ERROR in the text"),
    nodeLine('{"level":"warn","msg":"error"}', "WARN"),
    "[WARNING]\tERROR",
    "[INFO] ERROR",
    '{"level":40}',
    '{"level":500}',
    '{"level":50.5}',
    '{"status":500}',
    '{"severityNumber":16}',
    '{"severityNumber":170}',
    '{"level":"errors"}',
    '{"msg":"ERROR"}',
    "an error",
    "TERROR",
    "ERROR_COUNT=0",
    "NON-ERROR-X",
    `${"x".repeat(200)} ERROR`,
  ])("is not %j", (line) => {
    expect(tells(line)).toBe(false);
  });

  it("is not looked for outside the line", () => {
    const text = 'ERROR "x" ERROR';
    expect(tellsError(text, 7, 8)).toBe(false);
  });

  it("is looked for in a time that grows with the line alone, whatever is in it", () => {
    const part = fc.constantFrom('\\"', "\\", '"level', '\\"level\\":', "ERROR", "[", "2026-11-21T", " ", "5");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 50 }), fc.nat({ max: 20_000 }), (parts, times) => {
        const line = parts.join("") + parts.join("").repeat(Math.min(times, 200));
        expect(typeof tellsError(line, 0, line.length)).toBe("boolean");
      }),
    );
  });
});
