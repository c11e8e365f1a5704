import path from "node:path";
import type { Intake } from "../../src/viewer/intake.ts";
import { readPage } from "../../src/viewer/page-files.ts";
import { aReceivedLog, aReceivedSpan, aTraceId } from "../helpers/received.ts";
import { aBrowser, type TestBrowser } from "./a-browser.ts";
import { aServer, stopAll } from "./a-server.ts";

jest.setTimeout(60_000);

const SPANS = 10_000;
const BEGIN = 1_795_000_000_000_000_000n;
const idOf = (at: number) => (at + 1).toString(16).padStart(16, "0");

let browser: TestBrowser | undefined;
let intake: Intake;

beforeAll(async () => {
  browser = await aBrowser();
  intake = await aServer({ page: await readPage(path.resolve("dist/cli/page")) });
  intake.store.addSpans(
    Array.from({ length: SPANS }, (_, at) =>
      aReceivedSpan({
        spanId: idOf(at),
        parentId: at === 0 ? null : idOf(Math.floor((at - 1) / 10)),
        service: `service-${at % 5}`,
        name: `span ${at}`,
        startTimeUnixNano: BEGIN + BigInt(at) * 1_000_000n,
        durationNano: BigInt(SPANS - at) * 1_000_000n,
      }),
    ),
  );
  intake.store.addLogs([
    aReceivedLog({
      traceId: aTraceId,
      spanId: idOf(SPANS - 1),
      body: "the last log",
      timeUnixNano: BEGIN + 9_999_500_000n,
    }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await stopAll();
});

describe("a trace of 10,000 spans", () => {
  it("has only the rows in sight in the document, wherever one scrolls", async () => {
    const opened = await browser?.open(`${intake.url}/#/trace/${aTraceId}`);
    if (!opened) return;
    const { page, wrong } = opened;
    await page.getByRole("treeitem", { name: /span 0\b/ }).waitFor();
    const rows = page.getByRole("treeitem");
    expect(await rows.count()).toBeLessThan(80);
    expect(await page.evaluate("document.querySelector('.waterfall').scrollHeight")).toBeGreaterThan(SPANS * 20);
    for (const part of [0.25, 0.5, 0.75]) {
      const before = await rows.first().getAttribute("id");
      await page.evaluate(`document.querySelector(".waterfall").scrollTop = ${part * SPANS * 28}`);
      await page.locator(`#${before}`).waitFor({ state: "detached" });
      expect(await rows.count()).toBeLessThan(80);
    }
    expect(wrong).toEqual([]);
  });

  it("shows a span that an address names, and its last row by one key", async () => {
    const opened = await browser?.open(`${intake.url}/#/trace/${aTraceId}?span=${idOf(SPANS - 1)}`);
    if (!opened) return;
    const { page } = opened;
    await page.getByRole("treeitem", { name: `service-4: span ${SPANS - 1}`, selected: true }).waitFor();
    await page.getByRole("link", { name: /the last log/ }).click();
    await page.getByRole("treeitem", { name: /^log the last log/, selected: true }).waitFor();
    await page.getByRole("tree").press("Home");
    await page.getByRole("treeitem", { name: /span 0\b/ }).waitFor();
    await page.getByRole("tree").press("End");
    await page.getByRole("treeitem", { name: /span 0\b/ }).waitFor({ state: "detached" });
    expect(await page.getByRole("treeitem").count()).toBeLessThan(80);
  });

  it("folds away all but its root", async () => {
    const opened = await browser?.open(`${intake.url}/#/trace/${aTraceId}`);
    if (!opened) return;
    const { page } = opened;
    await page.getByRole("tree").press("ArrowLeft");
    await page.getByRole("treeitem").nth(1).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Open all" }).click();
    await page.getByRole("treeitem", { name: /span 1\b/ }).waitFor();
  });
});
