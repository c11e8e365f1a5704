import { execFileSync } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Where the browser of the package runs; elsewhere tests of the page say so, and pass. */
const MUST_RUN = process.platform === "linux" && ["x64", "arm64"].includes(process.arch);

/** Of what the package sets for Lambda: these take parts of the browser away that a page can rely on. */
const NOT_WANTED = /^--(?:disable-web-security|single-process|no-zygote|in-process-gpu)/;

export interface TestBrowser {
  /** A page of its own, which notes what goes wrong in it. */
  open(url: string, options?: BrowserContextOptions): Promise<TestPage>;
  close(): Promise<void>;
}

export interface TestPage {
  page: Page;
  /** Errors of the page and what its console warned of, so far. */
  wrong: string[];
}

/** Undefined where no browser can run on this platform; says so. */
export async function aBrowser(): Promise<TestBrowser | undefined> {
  let browser: Browser;
  try {
    browser = await launched();
  } catch (error) {
    if (MUST_RUN) throw error;
    console.warn(`no browser runs on ${process.platform} ${process.arch}, so the page was not tested: ${error}`);
    return undefined;
  }
  return { open, close: () => browser.close() };

  async function open(url: string, options: BrowserContextOptions = {}): Promise<TestPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) wrong.push(message.text());
    });
    await page.goto(url);
    return { page, wrong };
  }
}

/** The package is unpacked once for all tests; while one of them writes it, it cannot be started. */
async function launched(): Promise<Browser> {
  const script =
    'import chromium from "@sparticuz/chromium"; console.log(JSON.stringify([await chromium.executablePath(), chromium.args]))';
  const cwd = path.join(__dirname, "../..");
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd, encoding: "utf8" });
  const [executablePath, given] = JSON.parse(output) as [string, string[]];
  const args = [...given.filter((arg) => !NOT_WANTED.test(arg)), "--no-sandbox", "--disable-background-networking"];
  for (let attempt = 1; ; attempt++) {
    try {
      return await chromium.launch({ executablePath, args });
    } catch (error) {
      if (attempt === 10) throw error;
      await sleep(500);
    }
  }
}
