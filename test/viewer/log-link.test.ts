import { linkOfLog } from "../../src/viewer/log-link.ts";

const hex = "6b00f9d500000000414ae78d188f3825";
const low = "4704827353930348581";
const link = (traceId = hex) => ({ traceId, spanId: "651c77517ea37a55" });
const span = "7285829489079319125";
const lowLink = link(`0000000000000000${hex.slice(16)}`);

describe("the link of a log", () => {
  it.each([
    ["the dd object of the item", { dd: { trace_id: hex, span_id: span } }, link()],
    ["a decimal trace id", { dd: { trace_id: low, span_id: span } }, lowLink],
    ["nested ids in a JSON message", { message: JSON.stringify({ dd: { trace_id: hex, span_id: span } }) }, link()],
    ["flat ids in a JSON message", { message: JSON.stringify({ "dd.trace_id": hex, "dd.span_id": span }) }, link()],
    ["text", { message: `a\tb\t[dd.trace_id=${low} dd.span_id=${span}] hello` }, lowLink],
    ["text with more names", { message: `[dd.service=a dd.env= dd.trace_id=${low} dd.span_id=${span}] x` }, lowLink],
    [
      "text in a JSON message",
      { message: JSON.stringify({ message: `[dd.trace_id=${low} dd.span_id=${span}] x` }) },
      lowLink,
    ],
    ["a message that is an object", { message: { dd: { trace_id: hex, span_id: span } } }, link()],
  ])("is found in %s", (_, item, expected) => {
    expect(linkOfLog(item)).toEqual(expected);
  });

  it("is the item's before the message's", () => {
    const message = "[dd.trace_id=5 dd.span_id=6] x";
    expect(linkOfLog({ message, dd: { trace_id: hex, span_id: span } })).toEqual(link());
    expect(linkOfLog({ message, dd: { service: "only" } })?.spanId).toBe("0000000000000006");
  });

  it("reads span ids as decimal even where they look like hex", () => {
    expect(linkOfLog({ dd: { trace_id: low, span_id: "0000000000000010" } })?.spanId).toBe("000000000000000a");
  });

  it("may be to a trace without a span", () => {
    expect(linkOfLog({ dd: { trace_id: hex, span_id: "0" } })).toEqual({ traceId: hex, spanId: null });
  });

  it.each([
    {},
    { message: "hello" },
    { message: "{broken [dd.trace_id=" },
    { message: "[dd.trace_id=0 dd.span_id=0] x" },
    { dd: null },
    { "dd.trace_id": "5", "dd.span_id": "6" },
    { dd: { trace_id: "99999999999999999999", span_id: "1" } },
    { dd: { trace_id: "not an id" } },
    { dd: "text", message: 7 },
  ])("is none in %j", (item) => {
    expect(linkOfLog(item)).toBeUndefined();
  });
});
