/** A browser for scripts: the one that the tests use, which comes inside its package. */
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import packed from "@sparticuz/chromium";
import { chromium } from "playwright-core";

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Of what the package sets for Lambda: these take parts of the browser away that a page can rely on. */
const NOT_WANTED = /^--(?:disable-web-security|single-process|no-zygote|in-process-gpu)/;

export async function launchBrowser() {
  const args = packed.args.filter((arg) => !NOT_WANTED.test(arg));
  return chromium.launch({
    executablePath: await packed.executablePath(),
    args: [...args, "--no-sandbox", "--disable-background-networking"],
  });
}

/** Runs `npm start` with these arguments. @returns its address, as soon as it says it, and how to end it */
export async function startPage(...given) {
  const started = spawn(process.execPath, [path.join(root, "dist/cli/main.mjs"), "start", "--port", "0", ...given], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: started.stdout });
  for await (const line of lines) {
    const url = /^page +(http:\S+)\/$/.exec(line)?.[1];
    if (url) {
      started.stdout.resume();
      return { url, pid: started.pid, stop: () => started.kill("SIGTERM") };
    }
  }
  throw new Error("npm start ended without saying where its page is: run npm run build first");
}
