import { readFileSync } from "node:fs";
import path from "node:path";
import { openLedger } from "../../src/delivery/ledger.ts";
import type { Intake } from "../../src/viewer/intake.ts";
import { originOf } from "../../src/viewer/origin.ts";
import { readPage } from "../../src/viewer/page-files.ts";
import { aReceivedLog, aReceivedSpan, aTraceId } from "../helpers/received.ts";
import { aBrowser, type TestBrowser } from "./a-browser.ts";
import { aServer, stopAll } from "./a-server.ts";

jest.setTimeout(60_000);

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const VIEWS = [
  "#/services",
  "#/map",
  "#/resources?service=api",
  "#/traces",
  "#/traces?service=api&resource=GET",
  `#/trace/${aTraceId}`,
  `#/trace/${aTraceId}?from=1&to=4`,
  "#/live",
  "#/functions",
  "#/metrics",
  "#/metrics?name=cart.items",
  "#/pipeline",
];
const BEGIN = BigInt(Date.now()) * 1_000_000n;

let browser: TestBrowser | undefined;
let intake: Intake;

beforeAll(async () => {
  browser = await aBrowser();
  intake = await aServer({ page: await readPage(path.resolve("dist/cli/page")) });
  fill(intake);
});
afterAll(async () => {
  await browser?.close();
  await stopAll();
});

/** Something of everything that the views have a sign for. */
function fill({ store }: Intake) {
  const error = { type: "Error", message: "no such thing", stack: "Error: no such thing\n    at here" };
  const of = (spanId: string, parentId: string | null, service: string, more = {}) =>
    aReceivedSpan({ spanId, parentId, service, name: "call", resource: "GET", startTimeUnixNano: BEGIN, ...more });
  store.addSpans([
    of("a1", null, "api", { kind: 2, durationNano: 9_000_000n, attributes: { "http.method": "GET" } }),
    of("a2", "a1", "worker", { error, durationNano: 5_000_000n }),
    of("a3", "a2", "worker", { kind: 3, attributes: { "db.system": "postgresql", "db.name": "orders" } }),
  ]);
  const severities = ["", "debug", "info", "warn", "error"] as const;
  store.addLogs(
    severities.map((severity, at) =>
      aReceivedLog({ severity, traceId: aTraceId, spanId: "a2", timeUnixNano: BEGIN + BigInt(at) * 1_000_000n }),
    ),
  );
  const origin = originOf({ "faas.name": "a-function" });
  const requestId = "00000000-0000-0000-0000-000000000001";
  const figures = ["Duration: 9 ms", "Billed Duration: 9 ms", "Memory Size: 128 MB", "Max Memory Used: 127 MB"];
  const body = [`REPORT RequestId: ${requestId}`, ...figures, ""].join("\t");
  store.addLogs([aReceivedLog({ body, origin, requestId, timeUnixNano: BEGIN })]);
  const tags = ["env:dev", "functionname:a-function-with-a-name-that-is-longer-than-most"];
  const points = [{ value: 2.5, tags }, ...["eu", "us"].map((region) => ({ value: 1, tags: [`region:${region}`] }))];
  store.addMetrics([{ name: "cart.items", unit: "", type: "distribution", points }]);
  const books = { offered: 5, delivered: 4, stored: { timeout: 1 }, failed: {}, requests: 1, bytes: 99 };
  store.addLedger({ ...openLedger(), events: 6, logs: 5, dropped: { empty: 1 }, destinations: { logs: books } });
}

describe("the page, for everybody", () => {
  it.each(["light", "dark"] as const)("has nothing that axe complains of, %s", async (colorScheme) => {
    const opened = await browser?.open(`${intake.url}/`, { colorScheme, reducedMotion: "reduce" });
    if (!opened) return;
    const { page, wrong } = opened;
    await page.evaluate(axe);
    // Of what it looks for, colours alone differ.
    const run = colorScheme === "light" ? "axe.run()" : 'axe.run({ runOnly: ["color-contrast"] })';
    const found: string[] = [];
    for (const view of VIEWS) {
      await page.evaluate(`location.hash = ${JSON.stringify(view)}`);
      await page.locator("main :is(table, [role=tree], .live-rows [role=row], .stages)").first().waitFor();
      if (view.includes("trace/"))
        await page
          .getByRole("treeitem", { name: /^worker: .*error/ })
          .first()
          .click();
      const { violations } = (await page.evaluate(run)) as {
        violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
      };
      found.push(
        ...violations.map(({ id, nodes }) => `${view}: ${id}\n${nodes[0]?.html}\n${nodes[0]?.failureSummary}`),
      );
    }
    expect(found).toEqual([]);
    expect(wrong).toEqual([]);
  });

  it("fits a telephone: no view is wider than the screen", async () => {
    const opened = await browser?.open(`${intake.url}/`, { viewport: { width: 360, height: 740 } });
    if (!opened) return;
    const { page } = opened;
    for (const view of VIEWS) {
      await page.evaluate(`location.hash = ${JSON.stringify(view)}`);
      await page.locator("main :is(table, [role=tree], .live-rows [role=row], .stages)").first().waitFor();
      expect([view, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([view, 360]);
    }
  });

  it("shows what a tap opens where the eye is, on a telephone too, and lets go of it", async () => {
    const opened = await browser?.open(`${intake.url}/#/trace/${aTraceId}`, { viewport: { width: 360, height: 740 } });
    if (!opened) return;
    const { page } = opened;
    await page
      .getByRole("treeitem", { name: /^worker: .*error/ })
      .first()
      .click();
    const box = await page.getByRole("complementary", { name: "GET" }).boundingBox();
    expect([box?.x, box?.width, (box?.y ?? 0) + (box?.height ?? 0)]).toEqual([0, 360, 740]);
    // What was tapped is above it.
    await page.waitForFunction(`(() => {
      const row = document.querySelector("[aria-selected=true]").getBoundingClientRect();
      return row.top >= 0 && row.bottom <= document.querySelector(".details").getBoundingClientRect().top;
    })()`);
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("complementary").waitFor({ state: "detached" });
  });

  it("moves the focus to the title of a view that is opened, and says which it is", async () => {
    const opened = await browser?.open(`${intake.url}/`);
    if (!opened) return;
    const { page } = opened;
    await page.getByRole("link", { name: "Pipeline" }).click();
    await page.getByRole("heading", { name: "Pipeline", level: 1 }).waitFor();
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Pipeline");
    expect(await page.getByRole("link", { name: "Pipeline" }).getAttribute("aria-current")).toBe("page");
    expect(await page.title()).toBe("Pipeline · log-trace-forwarder");
  });

  it("follows the keyboard from the top: past the menu, or straight to the content", async () => {
    const opened = await browser?.open(`${intake.url}/#/services`);
    if (!opened) return;
    const { page } = opened;
    await page.getByRole("link", { name: "api", exact: true }).waitFor();
    await page.getByRole("link", { name: "Skip to the content" }).focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent.trim().startsWith('Service')")).toBe(true);
  });
});
