import { createForwarder } from "../../src/handlers/forwarder.ts";
import { remarksOn } from "../../src/handlers/without-effect.ts";
import { A_KEY } from "../helpers/telemetry.ts";

describe("a variable of the Datadog Forwarder that means nothing here", () => {
  it.each([
    ["DD_USE_TCP", "true"],
    ["DD_USE_PRIVATE_LINK", "True"],
    ["DD_FETCH_STEP_FUNCTIONS_TAGS", "true"],
    ["DD_FORWARD_METRIC", "false"],
    ["DD_FORWARD_METRICS", "false"],
    ["DD_FORWARD_TRACES", " False "],
    ["DD_TRACE_ENABLED", "true"],
    ["DD_ENHANCED_METRICS", "true"],
  ])("is named where somebody may rely on it: %s=%s", (variable, text) => {
    const value = text.trim().toLowerCase();
    expect(remarksOn({ [variable]: text })).toEqual([
      expect.stringMatching(new RegExp(`^${variable}=${value} has no effect: .{15,}$`)),
    ]);
    expect(remarksOn({ [variable]: value === "true" ? "false" : "true" })).toEqual([]);
  });

  it("is not spoken of where it is not set, or had no effect there either", () => {
    expect(remarksOn({ DD_USE_TCP: "", DD_FORWARD_METRIC: undefined, DD_MAX_WORKERS: "40" })).toEqual([]);
  });
});

describe("a forwarder", () => {
  it.each([
    "DD_USE_TCP",
    "DD_USE_PRIVATE_LINK",
    "DD_FETCH_STEP_FUNCTIONS_TAGS",
    "DD_FORWARD_METRIC",
    "DD_FORWARD_METRICS",
    "DD_FORWARD_TRACES",
    "DD_TRACE_ENABLED",
    "DD_ENHANCED_METRICS",
  ])("says once, when it starts, that %s has no effect", async (variable) => {
    const lines: string[] = [];
    const spy = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
    try {
      const value = variable.startsWith("DD_FORWARD_") ? "false" : "true";
      createForwarder({ DD_API_KEY: A_KEY, DD_NO_SSL: "true", [variable]: value });
      await import("../../src/handlers/without-effect.ts");
      await new Promise(setImmediate);
    } finally {
      spy.mockRestore();
    }
    expect(lines).toEqual([expect.stringMatching(`^{"level":"WARN","message":"${variable}=`)]);
  });
});
