import { plain } from "../../src/cli/paint.ts";
import { TraceWatch } from "../../src/cli/trace-watch.ts";
import { parseQuery } from "../../src/viewer/query.ts";
import { Store } from "../../src/viewer/store.ts";
import { aReceivedLog, aReceivedSpan } from "../helpers/received.ts";

const id = (last: string): string => last.padStart(32, "0");

function aWatch(query = "", settings: { quietMs?: number; rootlessMs?: number; maxTraces?: number } = {}) {
  const store = new Store();
  let printed = "";
  const watch = new TraceWatch(store, parseQuery(query), (text) => (printed += text), {
    ...{ quietMs: 20, rootlessMs: 60, maxTraces: 100, columns: 100, barColumns: 0, paint: plain },
    ...settings,
  });
  return { store, watch, printed: () => printed };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe("traces as they become complete", () => {
  it("are shown once nothing more comes, with the logs under their spans", async () => {
    const { store, watch, printed } = aWatch();
    store.addLogs([aReceivedLog({ traceId: id("1"), spanId: "00000000000000aa", body: "hello" })]);
    store.addSpans([aReceivedSpan({ traceId: id("1"), spanId: "00000000000000aa", parentId: null })]);
    await until(() => printed().includes("hello"));
    watch.close();
    expect(printed().match(/trace /g)).toHaveLength(1);
  });

  it("are shown without their root too, later, and again when more of them comes", async () => {
    const { store, watch, printed } = aWatch();
    store.addSpans([aReceivedSpan({ traceId: id("1"), spanId: "00000000000000bb", parentId: "00000000000000aa" })]);
    await until(() => printed().includes("parent did not arrive"));
    store.addLogs([aReceivedLog({ traceId: id("1"), spanId: "00000000000000bb", body: "late" })]);
    store.addSpans([aReceivedSpan({ traceId: id("1"), spanId: "00000000000000aa", parentId: null })]);
    await until(() => printed().includes("more arrived of\ntrace "));
    watch.close();
    expect(printed()).toContain("late");
    expect(printed().match(/trace /g)).toHaveLength(2);
  });

  it("are shown at the end, and the oldest where too many wait", () => {
    const { store, watch, printed } = aWatch("", { quietMs: 60_000, maxTraces: 2 });
    for (const last of ["1", "2", "3"]) store.addSpans([aReceivedSpan({ traceId: id(last) })]);
    expect(printed()).toContain(`trace ${id("1")}`);
    expect(printed()).not.toContain(`trace ${id("2")}`);
    watch.close();
    expect(printed()).toContain(`trace ${id("2")}`);
    expect(printed()).toContain(`trace ${id("3")}`);
    store.addSpans([aReceivedSpan({ traceId: id("4") })]);
    expect(printed()).not.toContain(`trace ${id("4")}`);
  });

  it("are left out where a query is not like them, and so are logs without a trace", () => {
    const { store, watch, printed } = aWatch("wanted");
    store.addSpans([aReceivedSpan({ traceId: id("1") }), aReceivedSpan({ traceId: id("2") })]);
    store.addLogs([
      aReceivedLog({ traceId: id("2"), body: "this is wanted" }),
      aReceivedLog({ traceId: null, spanId: null, body: "wanted alone" }),
      aReceivedLog({ traceId: null, spanId: null, body: "nobody asked" }),
    ]);
    expect(printed()).toMatch(/^· .*wanted alone\n$/);
    watch.close();
    expect(printed()).toContain(`trace ${id("2")}`);
    expect(printed()).not.toContain(`trace ${id("1")}`);
    expect(printed()).not.toContain("nobody");
  });
});
