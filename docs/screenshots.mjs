/** Takes the README's pictures of the page: `npm run screenshots`. */
import { realpathSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { launchBrowser, root, startPage } from "../bench/browser.mjs";

const ROUNDS = 8;
const SIZE = { width: 1240, height: 780 };
const started = await startPage();
const browser = await launchBrowser();
try {
  const traces = await afterRounds(ROUNDS);
  // The first round has cold starts.
  const { traceId } = traces[0];
  const trace = await answerOf(`/api/traces/${traceId}`);
  const failed = trace.spans.find(({ error }) => error);
  await take("page-trace.png", "light", `#/trace/${traceId}?span=${failed.spanId}`);
  await take("page-trace-dark.png", "dark", `#/trace/${traceId}?span=${failed.spanId}`);
  await take("page-live.png", "light", "#/live");
} finally {
  await browser.close();
  started.stop();
}

async function take(file, colorScheme, hash) {
  const page = await browser.newPage({ viewport: SIZE, colorScheme, reducedMotion: "reduce" });
  await page.route("**/api/traces/*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: withoutFolders(await response.text()) });
  });
  await page.goto(`${started.url}/${hash}`);
  await page.locator("main :is(table, [role=tree], .live-rows [role=row])").first().waitFor();
  await page.locator("footer p").first().waitFor();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: path.join(root, "docs", file) });
  await page.close();
}

/** A stack has the folders of whoever takes the picture; as a deployed function writes it, it has those of Lambda. */
function withoutFolders(text) {
  const folders = [
    root,
    realpathSync(path.join(root, "node_modules", "..")),
    path.dirname(realpathSync(path.join(root, "node_modules"))),
  ];
  return folders.reduce((all, folder) => all.replaceAll(folder.replace(/\/$/, ""), "/var/task"), text);
}

async function afterRounds(count) {
  for (;;) {
    const { traces } = await answerOf("/api/traces?service=thinker-api");
    if (traces.length >= count) return traces;
    await sleep(500);
  }
}

async function answerOf(question) {
  return (await fetch(started.url + question)).json();
}
