import path from "node:path";
import type { Intake } from "../../src/viewer/intake.ts";
import { readPage } from "../../src/viewer/page-files.ts";
import { aReceivedLog, aReceivedSpan } from "../helpers/received.ts";
import { aBrowser, type TestBrowser, type TestPage } from "./a-browser.ts";
import { aServer, stopAll } from "./a-server.ts";

jest.setTimeout(60_000);

let browser: TestBrowser | undefined;
let intake: Intake;

beforeAll(async () => {
  browser = await aBrowser();
});
beforeEach(async () => {
  intake = await aServer({ page: await readPage(path.resolve("dist/cli/page")), live: { pauseMs: 1 } });
});
afterEach(stopAll);
afterAll(() => browser?.close());

async function live(query = ""): Promise<TestPage | undefined> {
  const opened = await browser?.open(`${intake.url}/#/live?query=${encodeURIComponent(query)}`);
  await opened?.page.getByText("Following").waitFor();
  return opened;
}

let now = 1_795_000_000_000n;
function aLog(body: string, more: Parameters<typeof aReceivedLog>[0] = {}) {
  return aReceivedLog({ body, timeUnixNano: ++now * 1_000_000n, ...more });
}

describe("the live view", () => {
  it("shows what was there already, and what arrives, the newest on top", async () => {
    intake.store.addLogs([aLog("before")]);
    const opened = await live();
    if (!opened) return;
    const { page } = opened;
    await page.getByRole("button", { name: "before" }).waitFor();
    intake.store.addLogs([aLog("after")]);
    await page.getByRole("button", { name: "after" }).waitFor();
    expect(await page.locator(".live-rows .what").allInnerTexts()).toEqual(["after", "before"]);
  });

  it("filters spans and logs by one search while they stream", async () => {
    const opened = await live();
    if (!opened) return;
    const { page, wrong } = opened;
    let sent = 0;
    const send = () => {
      sent++;
      intake.store.addLogs([aLog(`noise ${sent}`), aLog(`needle ${sent}`, { service: "wanted", severity: "error" })]);
      intake.store.addSpans([
        aReceivedSpan({ spanId: `a${sent}`, service: "wanted", name: "fetch", startTimeUnixNano: ++now * 1_000_000n }),
        aReceivedSpan({ spanId: `b${sent}`, name: "other", startTimeUnixNano: ++now * 1_000_000n }),
      ]);
    };
    const streaming = setInterval(send, 20);
    try {
      await page
        .getByRole("button", { name: /^noise/ })
        .first()
        .waitFor();
      await page.getByLabel("Search spans and logs").fill("service:wanted -fetch");
      await page.waitForURL(/wanted/);
      await page
        .getByRole("button", { name: /^noise/ })
        .first()
        .waitFor({ state: "detached" });
      const before = sent;
      await page.getByRole("button", { name: `needle ${before + 2}`, exact: true }).waitFor();
      const texts = await page.locator(".live-rows .what").allInnerTexts();
      expect(texts.length).toBeGreaterThan(2);
      expect(texts.filter((text) => !text.startsWith("needle"))).toEqual([]);

      await page.getByLabel("Search spans and logs").fill("service:wanted");
      await page
        .getByRole("button", { name: /^fetch/ })
        .first()
        .waitFor();
      await page.getByRole("radio", { name: "Logs", exact: true }).check({ force: true });
      await page
        .getByRole("button", { name: /^fetch/ })
        .first()
        .waitFor({ state: "detached" });
      expect(wrong).toEqual([]);
    } finally {
      clearInterval(streaming);
    }
  });

  it("stands still while it is paused, and then shows what came", async () => {
    const opened = await live();
    if (!opened) return;
    const { page } = opened;
    intake.store.addLogs([aLog("first")]);
    await page.getByRole("button", { name: "first" }).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    intake.store.addLogs([aLog("second")]);
    await page.getByText("Paused, 1 waiting").waitFor();
    expect(await page.locator(".live-rows .what").allInnerTexts()).toEqual(["first"]);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("button", { name: "second" }).waitFor();
  });

  it("leads from a log to its trace and back, to the same log", async () => {
    const span = aReceivedSpan({ startTimeUnixNano: ++now * 1_000_000n });
    intake.store.addSpans([span]);
    intake.store.addLogs([aLog("of a span", { traceId: span.traceId, spanId: span.spanId })]);
    const opened = await live("span");
    if (!opened) return;
    const { page } = opened;
    await page.getByRole("button", { name: "of a span" }).click();
    await page.getByRole("link", { name: "Open its trace" }).click();
    await page.getByRole("treeitem", { name: /^log of a span/, selected: true }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Live" }).waitFor();
    expect(await page.getByLabel("Search spans and logs").inputValue()).toBe("span");
    expect(await page.getByRole("complementary", { name: "Log" }).getByLabel("Message").innerText()).toBe("of a span");
  });

  it("says what it does not understand of a search, and goes on when it does", async () => {
    const opened = await live();
    if (!opened) return;
    const { page } = opened;
    await page.getByLabel("Search spans and logs").fill("nothing:here");
    expect(await page.getByRole("alert").innerText()).toContain("there is no field nothing");
    await page.getByLabel("Search spans and logs").fill("here");
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.getByText("Following").waitFor();
    intake.store.addLogs([aLog("here it is")]);
    await page.getByRole("button", { name: "here it is" }).waitFor();
  });

  it("shows HTML in a log as text, everywhere", async () => {
    const html = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script><b>bold</b>';
    const span = aReceivedSpan({
      name: html,
      service: html,
      attributes: { [html]: html },
      startTimeUnixNano: ++now * 1_000_000n,
    });
    intake.store.addSpans([span]);
    intake.store.addLogs([aLog(html, { traceId: span.traceId, spanId: span.spanId, service: html })]);
    const opened = await live();
    if (!opened) return;
    const { page, wrong } = opened;
    await page.getByRole("button", { name: html, exact: true }).first().click();
    await page.getByRole("complementary").waitFor();
    await page.goto(`${intake.url}/#/trace/${span.traceId}?span=${span.spanId}`);
    await page.getByRole("complementary").getByRole("cell", { name: html }).waitFor();
    expect(await page.locator("main :is(b, script, main img)").count()).toBe(0);
    expect(await page.title()).not.toBe("taken");
    expect(wrong).toEqual([]);
  });

  it("holds and draws no more than its bounds", async () => {
    const opened = await live();
    if (!opened) return;
    const { page } = opened;
    for (let round = 0; round < 5; round++) {
      intake.store.addLogs(Array.from({ length: 450 }, (_, at) => aLog(`${round}/${at}`)));
      await page.getByRole("button", { name: `${round}/449`, exact: true }).waitFor();
    }
    expect(await page.getByRole("table").getAttribute("aria-rowcount")).toBe("2001");
    expect(await page.locator(".live-rows [role=row]").count()).toBeLessThan(60);
  });
});
