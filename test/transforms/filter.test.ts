import { messageOf } from "../../src/formats/message.ts";
import { filter } from "../../src/transforms/filter.ts";
import { compilePattern } from "../../src/transforms/pattern.ts";
import { A_REQUEST } from "../helpers/deliveries.ts";
import { aPayload } from "../helpers/payloads.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

interface Filtered {
  messages: string[];
  dropped: Record<string, number>;
  traceLines: number;
}

function filtered(messages: string[], patterns: { include?: string; exclude?: string }): Filtered {
  const compiled = (pattern?: string) => (pattern === undefined ? undefined : compilePattern(pattern));
  const dropped = {};
  const { logs, slice, tracePayloads } = filter({
    include: compiled(patterns.include),
    exclude: compiled(patterns.exclude),
  })(telemetryOf(messages), dropped);
  return { messages: logs.map((log) => messageOf(log, slice)), dropped, traceLines: tracePayloads.length };
}

describe("the filter", () => {
  it("keeps what INCLUDE_AT_MATCH matches, and counts the rest under its name", () => {
    const { messages, dropped } = filtered(["an error", "a word", "Error"], { include: "(?i)error" });
    expect(messages).toEqual(["an error", "Error"]);
    expect(dropped).toEqual({ INCLUDE_AT_MATCH: 1 });
  });

  it("leaves out what EXCLUDE_AT_MATCH matches, also where INCLUDE_AT_MATCH does", () => {
    const { messages, dropped } = filtered(["error", "error debug", "word"], { include: "error", exclude: "debug" });
    expect(messages).toEqual(["error"]);
    expect(dropped).toEqual({ EXCLUDE_AT_MATCH: 1, INCLUDE_AT_MATCH: 1 });
  });

  it("sees messages as they were written, not as JSON", () => {
    const messages = ['{"level":"debug"}', "tab\there", "é"];
    expect(filtered(messages, { include: '"level":"debug"|\\t|^é$' }).messages).toEqual(messages);
    expect(filtered(messages, { exclude: "\\\\" }).messages).toEqual(messages);
  });

  it("matches `$` before the line end that runtimes write", () => {
    expect(filtered(["done\n", "done it\n"], { include: "done$" }).messages).toEqual(["done\n"]);
  });

  it("lets traces pass, and the links that dropped lines gave to others", () => {
    const lines = [`START RequestId: ${A_REQUEST}`, "kept", aPayload({ meta: { request_id: A_REQUEST } }), "END"];
    const telemetry = telemetryOf(lines);
    const dropped = {};
    const after = filter({ include: compilePattern("kept"), exclude: compilePattern("trace_id") })(telemetry, dropped);
    expect(after.tracePayloads).toHaveLength(1);
    expect(after.logs[0]?.invocation?.traceId).toBe(after.tracePayloads[0]?.traces[0]?.traceId);
    expect(dropped).toEqual({ INCLUDE_AT_MATCH: 2 });
  });
});
