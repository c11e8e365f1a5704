import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { type Session, startSession } from "../../src/cli/session.ts";
import { readPage } from "../../src/viewer/page-files.ts";
import { aBrowser, type TestBrowser, type TestPage } from "./a-browser.ts";
import { aServer, stopAll } from "./a-server.ts";

// Two tracers and a browser begin here.
jest.setTimeout(60_000);

let browser: TestBrowser | undefined;
let session: Session;
let traceId: string;

beforeAll(async () => {
  browser = await aBrowser();
  session = await startSession({
    root: path.resolve("."),
    hostModule: path.resolve("dist/cli/function-host.mjs"),
    port: 0,
    listen: { page: await readPage(path.resolve("dist/cli/page")) },
  });
  const { received } = await session.runRound();
  traceId = received.traces[0]?.traceId as string;
});

afterAll(async () => {
  await browser?.close();
  await session?.stop();
  await stopAll();
});

/** A page at a view; undefined where no browser can run. */
async function at(hash: string, options = {}): Promise<TestPage | undefined> {
  return browser?.open(`${session.intakeUrl}/${hash}`, options);
}

describe("the page, with what npm start sends", () => {
  it("leads from the services to the failing span, its log, and back", async () => {
    const opened = await at("");
    if (!opened) return;
    const { page, wrong } = opened;
    await page
      .getByRole("row", { name: /thinker-api/ })
      .getByRole("link", { name: "thinker-api" })
      .click();
    await page.getByRole("heading", { name: "thinker-api", level: 1 }).waitFor();
    await page.getByRole("row").getByRole("link", { name: "thinker-api" }).click();
    await page.getByRole("heading", { name: "Latency distribution" }).waitFor();
    await page.locator("tbody th a").first().click();

    const span = page.getByRole("treeitem", { name: /foo_bar.*, error Error Subject unknown/ });
    await span.click();
    const details = page.getByRole("complementary", { name: "foo_bar" });
    await details.getByText("Subject unknown").first().waitFor();
    expect(await details.getByRole("row", { name: /^subject / }).innerText()).toMatch(/subject\s+foo_bar/);
    expect(await span.getAttribute("aria-selected")).toBe("true");
    expect(page.url()).toContain(`#/trace/${traceId}?span=`);

    await details.getByRole("link", { name: /error no thought/ }).click();
    const log = page.getByRole("complementary", { name: "Log" });
    expect(await log.getByLabel("Message").innerText()).toContain("no thought");
    expect(await page.getByRole("treeitem", { name: /^error no thought/ }).getAttribute("aria-selected")).toBe("true");
    await log.getByRole("link", { name: "Its span" }).click();
    await details.waitFor();
    await page.goBack();
    await log.waitFor();
    expect(wrong).toEqual([]);
  });

  it("has every log of the trace under its span, and says where the time went", async () => {
    const opened = await at(`#/trace/${traceId}`);
    if (!opened) return;
    const { page } = opened;
    const rows = page.getByRole("treeitem");
    await rows.first().waitFor();
    const levels = await rows.evaluateAll((all) =>
      all.map((row) => [row.getAttribute("aria-level"), row.textContent] as [string, string]),
    );
    const thought = levels.findIndex(([, label]) => /:foo_barthink/.test(label.replace(/\s+/g, "")));
    const [level] = levels[thought] as [string, string];
    expect(levels.slice(thought + 1, thought + 3)).toEqual([
      [String(Number(level) + 1), expect.stringMatching(/info.*thinking about foo_bar/s)],
      [String(Number(level) + 1), expect.stringMatching(/error.*no thought/s)],
    ]);
    const shares = await page
      .getByRole("region", { name: "Where the time went" })
      .getByRole("listitem")
      .allInnerTexts();
    expect(shares.map((text) => text.split(/\s/)[0]).sort()).toEqual(["thinker-api", "thinker-microservice"]);
    expect(await page.getByText(BigInt(`0x${traceId.slice(16)}`).toString(), { exact: true }).count()).toBe(1);
    expect(await page.locator(".span-bar.is-critical").count()).toBeGreaterThan(2);
  });

  it("can be used by the keyboard alone", async () => {
    const opened = await at(`#/trace/${traceId}`);
    if (!opened) return;
    const { page } = opened;
    const tree = page.getByRole("tree");
    const rows = page.getByRole("treeitem");
    await tree.focus();
    const all = await rows.count();
    await page.keyboard.press("ArrowLeft");
    await rows.nth(1).waitFor({ state: "detached" });
    await page.keyboard.press("ArrowRight");
    await rows.nth(all - 1).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Log" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("complementary").waitFor({ state: "detached" });
    expect(await tree.getAttribute("aria-activedescendant")).toMatch(/^row-l\d+$/);
  });

  it("finds a trace by its id in decimal or hex, and says when there is none", async () => {
    const opened = await at("#/services");
    if (!opened) return;
    const { page } = opened;
    const find = page.getByLabel("Trace id, or what to search for");
    await find.fill(BigInt(`0x${traceId.slice(16)}`).toString());
    await find.press("Enter");
    await page.getByText(traceId, { exact: true }).waitFor();
    await find.fill("12345");
    await find.press("Enter");
    expect(await page.getByRole("alert").innerText()).toContain("No such trace");
  });

  it("picks traces by their duration", async () => {
    const opened = await at("#/traces?service=thinker-api&resource=thinker-api");
    if (!opened) return;
    const { page } = opened;
    await page.getByRole("button", { name: /^1 request from / }).click();
    await page.getByRole("button", { name: "Show all" }).waitFor();
    expect(page.url()).toMatch(/minDurationMs=[\d.]+&maxDurationMs=[\d.]+/);
    expect(await page.locator("tbody tr").count()).toBe(1);
    await page.goto(`${session.intakeUrl}/#/traces?service=thinker-api&resource=thinker-api&minDurationMs=50000`);
    await page.getByText("No trace matches.").waitFor();
  });

  it("shows both functions, and that the forwarder's books balance", async () => {
    const opened = await at("#/functions");
    if (!opened) return;
    const { page } = opened;
    await page.getByRole("link", { name: "thinker-microservice" }).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(2);
    await page.getByRole("link", { name: "Pipeline" }).click();
    await page.getByText("The books balance").waitFor();
    expect(await page.getByRole("region", { name: "Out" }).getByRole("heading", { level: 3 }).allInnerTexts()).toEqual(
      expect.arrayContaining(["datadog-logs", "datadog-traces"]),
    );
  });

  it("shows metrics, and their points by tags", async () => {
    const opened = await at("#/metrics");
    if (!opened) return;
    const { page, wrong } = opened;
    const row = page.getByRole("row", { name: /^aws\.lambda\.enhanced\.duration/ });
    expect(await row.innerText()).toMatch(/functionname, .*2 sets/s);
    await row.getByRole("link").click();
    await page.getByRole("heading", { name: "aws.lambda.enhanced.duration", level: 1 }).waitFor();
    await page.getByRole("row", { name: /functionname:thinker-microservice 1 / }).waitFor();
    expect(await page.locator(".common").innerText()).toContain("region:");
    expect(wrong).toEqual([]);
  });

  it("saves a trace, and opens what was saved", async () => {
    const opened = await at(`#/trace/${traceId}`);
    if (!opened) return;
    const { page, wrong } = opened;
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Save as OTLP/JSON" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`trace-${traceId}.ndjson`);
    const saved = readFileSync(await download.path());
    const other = await aServer({ page: await readPage(path.resolve("dist/cli/page")) });
    await page.goto(`${other.url}/#/traces`);
    await page.getByText("Nothing has arrived yet").waitFor();
    await page.getByLabel("Open a file").setInputFiles({ name: "saved", mimeType: "text/plain", buffer: saved });
    await page.getByText("5 spans and 14 logs taken").waitFor();
    const compressed = { name: "saved.ndjson.gz", mimeType: "application/gzip", buffer: gzipSync(saved) };
    await page.getByLabel("Open a file").setInputFiles({ ...compressed, buffer: gzipSync("nothing") });
    await page.getByText("nothing can be imported: line 1: not JSON").waitFor();
    await page.getByLabel("Open a file").setInputFiles(compressed);
    await page.getByText("5 spans and 14 logs taken").waitFor();
    expect(await page.getByRole("link", { name: "Save all" }).getAttribute("href")).toBe("/api/export");
    await page.getByLabel("Search traces").fill("@subject:foo_bar");
    expect(await page.getByRole("link", { name: "Save what matches" }).getAttribute("href")).toBe(
      "/api/export?query=%40subject%3Afoo_bar",
    );
    await page
      .getByRole("row", { name: /thinker-api/ })
      .getByRole("link")
      .click();
    await page
      .getByRole("treeitem", { name: /foo_bar/ })
      .first()
      .waitFor();
    // The browser says of itself that a file could not be opened.
    expect(wrong).toEqual([expect.stringContaining("400 (Bad Request)")]);
  });

  it("says where to begin when an address names no view", async () => {
    const opened = await at("#/nowhere/at/all");
    if (!opened) return;
    await opened.page.getByRole("heading", { name: "No such view" }).waitFor();
  });
});
