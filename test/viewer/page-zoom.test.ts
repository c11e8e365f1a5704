import path from "node:path";
import type { Page } from "playwright-core";
import type { Intake } from "../../src/viewer/intake.ts";
import { readPage } from "../../src/viewer/page-files.ts";
import { aReceivedLog, aReceivedSpan, aTraceId } from "../helpers/received.ts";
import { aBrowser, type TestBrowser, type TestPage } from "./a-browser.ts";
import { aServer, stopAll } from "./a-server.ts";

jest.setTimeout(60_000);

const BEGIN = 1_795_000_000_000_000_000n;
const MS = 1_000_000n;
const FIFTHS = [0, 1, 2, 3, 4];
const ALL = ["span a0", ...FIFTHS.flatMap((at) => [`span b${at}`, `log ${at}`])];

let browser: TestBrowser | undefined;
let intake: Intake;

/** 100 ms: a span in each fifth of it, with a log in its middle. */
beforeAll(async () => {
  browser = await aBrowser();
  intake = await aServer({ page: await readPage(path.resolve("dist/cli/page")) });
  const of = (spanId: string, parentId: string | null, atMs: number, durationMs: number) =>
    aReceivedSpan({
      ...{ spanId, parentId, service: "api", name: `span ${spanId}`, resource: "" },
      ...{ startTimeUnixNano: BEGIN + BigInt(atMs) * MS, durationNano: BigInt(durationMs) * MS },
    });
  intake.store.addSpans([of("a0", null, 0, 100), ...FIFTHS.map((at) => of(`b${at}`, "a0", at * 20, 18))]);
  intake.store.addLogs(
    FIFTHS.map((at) =>
      aReceivedLog({
        ...{ traceId: aTraceId, spanId: `b${at}`, body: `log ${at}` },
        timeUnixNano: BEGIN + BigInt(at * 20 + 9) * MS,
      }),
    ),
  );
});
afterAll(async () => {
  await browser?.close();
  await stopAll();
});

async function opened(more = ""): Promise<TestPage | undefined> {
  const one = await browser?.open(`${intake.url}/#/trace/${aTraceId}${more}`);
  await one?.page.getByRole("treeitem").first().waitFor();
  return one;
}

function namesOf(page: Page): Promise<string[]> {
  return page.locator("[role=treeitem] :is(.name, .message)").allInnerTexts();
}

/** What part of the time is said to be shown. */
function said(page: Page): Promise<string> {
  const group = page.getByRole("group", { name: "The part of the time that is shown" });
  return group.getByRole("status").innerText();
}

async function boxOf(page: Page, selector: string) {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not there`);
  return box;
}

/** Drags over a part of the axis, in its head or in a row. */
async function drag(page: Page, from: number, to: number, within = ".waterfall-head"): Promise<void> {
  const axis = await boxOf(page, ".axis");
  const row = await boxOf(page, within);
  const y = row.y + row.height / 2;
  await page.mouse.move(axis.x + from * axis.width, y);
  await page.mouse.down();
  await page.mouse.move(axis.x + to * axis.width, y, { steps: 3 });
  await page.locator(".dragged").waitFor();
  await page.mouse.up();
}

describe("the time axis of a trace", () => {
  it("shows what it is dragged over: its spans and logs, wider; and all of it again", async () => {
    const one = await opened();
    if (!one) return;
    const { page, wrong } = one;
    expect(await namesOf(page)).toEqual(ALL);
    await drag(page, 0.41, 0.59);
    await page.getByRole("treeitem", { name: /span b4/ }).waitFor({ state: "detached" });
    expect(await namesOf(page)).toEqual(["span a0", "span b2", "log 2"]);
    expect(await said(page)).toMatch(/^4[01]\.\d+ ms to 5[89]\.\d+ ms of 100 ms$/);
    expect(page.url()).toMatch(/from=4[01][.\d]*&to=5[89][.\d]*/);
    const axis = await boxOf(page, ".axis");
    expect((await boxOf(page, ".row:nth-child(2) .span-bar")).width).toBeGreaterThan(axis.width * 0.8);
    // In the middle of its span, as before.
    const mark = await boxOf(page, ".row.is-log .log-mark");
    expect(Math.abs(mark.x - axis.x - axis.width / 2)).toBeLessThan(axis.width * 0.1);
    await page.getByRole("button", { name: "Show all" }).click();
    await page.getByRole("treeitem", { name: /span b4/ }).waitFor();
    expect(await namesOf(page)).toEqual(ALL);
    expect(page.url()).not.toContain("from=");
    expect(wrong).toEqual([]);
  });

  it("is dragged over in the rows too, which chooses none of them; a click does", async () => {
    const one = await opened();
    if (!one) return;
    const { page } = one;
    await drag(page, 0.81, 0.99, ".row");
    await page.getByRole("treeitem", { name: /span b0/ }).waitFor({ state: "detached" });
    expect(await page.locator("[aria-selected=true]").count()).toBe(0);
    await page.getByRole("treeitem", { name: /span b4/ }).click();
    await page.getByRole("complementary", { name: "span b4" }).waitFor();
    expect(page.url()).toMatch(/span=b4.*from=8/);
  });

  it("is zoomed and moved by the keyboard, around the row that is active", async () => {
    const one = await opened();
    if (!one) return;
    const { page } = one;
    await page.getByRole("tree").focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "+", "+"]) await page.keyboard.press(key);
    await page.getByRole("treeitem", { name: /span b4/ }).waitFor({ state: "detached" });
    expect(await said(page)).toBe("16.5 ms to 41.5 ms of 100 ms");
    expect(await page.locator(".is-active").innerText()).toContain("span b1");
    await page.keyboard.press("Shift+ArrowRight");
    await page.getByText("22.8 ms to 47.8 ms of 100 ms").waitFor();
    await page.keyboard.press("0");
    await page.getByRole("treeitem", { name: /span b4/ }).waitFor();
    expect(await said(page)).toBe("");
    await page.keyboard.press("+");
    await page.getByRole("treeitem", { name: /span b4/ }).waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.getByRole("treeitem", { name: /span b4/ }).waitFor();
  });

  it("is zoomed and moved by buttons, as far as there is something", async () => {
    const one = await opened();
    if (!one) return;
    const { page } = one;
    const button = (name: string) => page.getByRole("button", { name, exact: true });
    expect(await button("Zoom out").isDisabled()).toBe(true);
    await button("Zoom in").click();
    await page.getByText("25.0 ms to 75.0 ms of 100 ms").waitFor();
    await button("Earlier").click();
    await page.getByText("0 ms to 50.0 ms of 100 ms").waitFor();
    expect(await button("Earlier").isDisabled()).toBe(true);
    await button("Later").click();
    await button("Later").click();
    await page.getByText("50.0 ms to 100.0 ms of 100 ms").waitFor();
    expect(await button("Later").isDisabled()).toBe(true);
    await button("Zoom out").click();
    await page.getByRole("treeitem", { name: /span b0/ }).waitFor();
  });

  it("is zoomed to a span, stays so for its logs, and shows all for what lies elsewhere", async () => {
    const one = await opened("?span=b3");
    if (!one) return;
    const { page } = one;
    await page.getByRole("button", { name: "Zoom to it" }).click();
    await page.getByText("60.0 ms to 78.0 ms of 100 ms").waitFor();
    await page.getByRole("complementary").getByRole("link", { name: /log 3/ }).click();
    await page.getByRole("complementary", { name: "Log" }).waitFor();
    expect(await namesOf(page)).toEqual(["span a0", "span b3", "log 3"]);
    await page.evaluate("location.hash = location.hash.replace(/log=\\d+/, 'span=b0')");
    await page.getByRole("treeitem", { name: /span b0/, selected: true }).waitFor();
    expect(await namesOf(page)).toEqual(ALL);
  });

  it("is at the part that an address names, and at all of it where that is none", async () => {
    const one = await opened("?from=20&to=38");
    if (!one) return;
    const { page } = one;
    expect(await namesOf(page)).toEqual(["span a0", "span b1", "log 1"]);
    await page.evaluate("location.hash = location.hash.replace('to=38', 'to=oops')");
    await page.getByRole("treeitem", { name: /span b4/ }).waitFor();
  });
});
