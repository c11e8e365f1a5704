/**
 * What the page costs the browser that shows it: `npm run bench:page`. Figures are in docs/page.md.
 *
 * A long task is one that keeps the browser from answering for 50 ms or more.
 * @see https://www.w3.org/TR/longtasks-1/
 */
import { launchBrowser, startPage } from "./browser.mjs";

const SPANS = 10_000;
/** Long enough for the store to be full, and to stay so. */
const LIVE_SECONDS = 30;
const PER_SECOND = { spans: 5_000, logs: 20_000 };
const traceId = "1".repeat(32);
const idOf = (at) => (at + 1).toString(16).padStart(16, "0");

const started = await startPage("--intake-only");
const browser = await launchBrowser();
try {
  await send("traces", largeTrace());
  await inPage(`#/trace/${traceId}`, async (page) => {
    await page.locator("[role=treeitem]").first().waitFor();
    const opening = await figuresOf(page);
    console.log(`a trace of ${SPANS} spans, opened`);
    console.log(`  first paint        ${opening.firstPaintMs} ms`);
    console.log(`  first row          ${await page.evaluate("window.firstRowMs")} ms`);
    console.log(`  rows in document   ${await page.locator("[role=treeitem]").count()}`);
    console.log(`  long tasks         ${opening.tasks}`);
    await page.evaluate("window.longTasks.length = 0");
    const frames = await page.evaluate(scrolling);
    console.log(`scrolled from top to bottom in ${frames.length} frames`);
    console.log(`  a frame, 95 %      ${round(percentile(frames, 0.95))} ms`);
    console.log(`  long tasks         ${(await figuresOf(page)).tasks}`);
  });
  await inPage("#/live", async (page) => {
    await page.getByText("Following").waitFor();
    await page.evaluate("window.longTasks.length = 0");
    const before = await statusOf();
    const beganMs = performance.now();
    let rssBytes = 0;
    let heldBytes = 0;
    const sent = await stream(async () => {
      const { process, held } = await statusOf();
      rssBytes = Math.max(rssBytes, process.rssBytes);
      heldBytes = Math.max(heldBytes, held.bytes);
    });
    const seconds = (performance.now() - beganMs) / 1000;
    const after = await statusOf();
    const figures = await figuresOf(page);
    const taken = {
      spans: after.received.spans - before.received.spans,
      logs: after.received.logs - before.received.logs,
    };
    const gone = after.evicted.spans + after.evicted.logs - before.evicted.spans - before.evicted.logs;
    console.log(`live, ${sent.spans} spans and ${sent.logs} logs sent in ${round(seconds)} s`);
    console.log(`  taken              ${taken.spans} spans, ${taken.logs} logs`);
    console.log(
      `  a second           ${Math.round(taken.spans / seconds)} spans, ${Math.round(taken.logs / seconds)} logs`,
    );
    console.log(`  held at most       ${round(heldBytes / 1e6)} MB; ${gone} were let go, oldest first`);
    console.log(`  memory of server   ${Math.round(rssBytes / 1e6)} MB at most`);
    console.log(
      `  processor of it    ${round((after.process.cpuMs - before.process.cpuMs) / 10 / seconds)} % of a core`,
    );
    console.log(`  the page says      ${await page.locator(".feed-state .muted").innerText()}`);
    console.log(`  rows in document   ${await page.locator(".live-rows [role=row]").count()}`);
    console.log(`  long tasks         ${figures.tasks}`);
    console.log(`  heap of the page   ${figures.heapMb} MB`);
  });
} finally {
  await browser.close();
  started.stop();
}

async function inPage(hash, work) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(duration);
    }).observe({ type: "longtask", buffered: true });
    new MutationObserver((_, observer) => {
      if (!document.querySelector("[role=treeitem]")) return;
      window.firstRowMs = Math.round(performance.now());
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`${started.url}/${hash}`);
  await work(page);
  await page.close();
}

async function figuresOf(page) {
  return page.evaluate(() => ({
    firstPaintMs: Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0),
    tasks:
      window.longTasks.length === 0
        ? "none"
        : `${window.longTasks.length}, the longest ${Math.round(Math.max(...window.longTasks))} ms`,
    heapMb: Math.round(performance.memory.usedJSHeapSize / 1e6),
  }));
}

/** In the page. @returns the milliseconds between frames */
async function scrolling() {
  const box = document.querySelector(".waterfall");
  const frames = [];
  let before = performance.now();
  const step = box.scrollHeight / 200;
  for (let at = 0; at < 200; at++) {
    box.scrollTop = at * step;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - before);
    before = now;
  }
  return frames;
}

/** @param eachSecond is called meanwhile */
async function stream(eachSecond) {
  const sent = { spans: 0, logs: 0 };
  const parts = 10;
  const begin = performance.now();
  for (let at = 0; at < LIVE_SECONDS * parts; at++) {
    const startNano = BigInt(Date.now()) * 1_000_000n;
    const spans = Array.from({ length: PER_SECOND.spans / parts }, (_, number) =>
      aSpan({ traceId: idOf(at * 1000 + number).padStart(32, "2"), spanId: idOf(number), name: "GET /", startNano }),
    );
    const logRecords = Array.from({ length: PER_SECOND.logs / parts }, (_, number) => ({
      timeUnixNano: String(startNano),
      severityNumber: 9,
      body: { stringValue: `request ${at}/${number} was answered after a while` },
    }));
    await Promise.all([
      send("traces", { resourceSpans: [{ resource: aResource("api"), scopeSpans: [{ spans }] }] }),
      send("logs", { resourceLogs: [{ resource: aResource("api"), scopeLogs: [{ logRecords }] }] }),
    ]);
    sent.spans += spans.length;
    sent.logs += logRecords.length;
    if (at % parts === 0) await eachSecond();
    const waitMs = begin + ((at + 1) * 1000) / parts - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  return sent;
}

function largeTrace() {
  const begin = BigInt(Date.now()) * 1_000_000n;
  const byService = Map.groupBy
    ? Map.groupBy(range(SPANS), (at) => at % 5)
    : new Map(range(5).map((service) => [service, range(SPANS).filter((at) => at % 5 === service)]));
  return {
    resourceSpans: [...byService].map(([service, numbers]) => ({
      resource: aResource(`service-${service}`),
      scopeSpans: [
        {
          spans: numbers.map((at) =>
            aSpan({
              traceId,
              spanId: idOf(at),
              parentSpanId: at === 0 ? "" : idOf(Math.floor((at - 1) / 10)),
              name: `span ${at}`,
              startNano: begin + BigInt(at) * 1_000_000n,
              durationNano: BigInt(SPANS - at) * 1_000_000n,
            }),
          ),
        },
      ],
    })),
  };
}

function aSpan({ traceId, spanId, parentSpanId = "", name, startNano, durationNano = 1_000_000n }) {
  const attributes = [{ key: "http.method", value: { stringValue: "GET" } }];
  const times = { startTimeUnixNano: String(startNano), endTimeUnixNano: String(startNano + durationNano) };
  return { traceId, spanId, parentSpanId, name, kind: 2, ...times, attributes };
}

function aResource(service) {
  return { attributes: [{ key: "service.name", value: { stringValue: service } }] };
}

async function statusOf() {
  return (await fetch(`${started.url}/api/status`)).json();
}

async function send(signal, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${started.url}/v1/${signal}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${signal}: ${response.status} ${await response.text()}`);
}

function range(length) {
  return Array.from({ length }, (_, at) => at);
}

function percentile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1];
}

function round(value) {
  return Math.round(value * 10) / 10;
}
