/** Runs the tools, each in a process of its own, and gives what they report. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** The built function. */
export const FORWARDER = here("../dist/forwarder.mjs");

/** @throws {Error} that says what to do */
export function requireBuild() {
  if (!existsSync(FORWARDER)) throw new Error("dist/forwarder.mjs is missing: run `npm run build` first");
}

/**
 * @param {string} tool a file of bench/tools without its ending
 * @param {object} job what the tool's own comment says
 * @param {object} env its environment, besides PATH
 * @returns {Promise<object>} the last line the tool prints, which is JSON
 */
export function runTool(tool, job, env = {}) {
  const args = [here(`tools/${tool}.mjs`), JSON.stringify(job)];
  const options = { env: { PATH: process.env.PATH, ...env }, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error) return reject(new Error(`bench/tools/${tool}.mjs failed: ${stderr.trim() || error.message}`));
      resolve(JSON.parse(stdout.trim().split("\n").at(-1)));
    });
  });
}

/** As the function is deployed. */
const deployed = readFileSync(here("../serverless.yml"), "utf8");
const [, NODE_OPTIONS] = /NODE_OPTIONS: (\S+)/.exec(deployed);
const [, MALLOC_ARENA_MAX] = /MALLOC_ARENA_MAX: "(\d+)"/.exec(deployed);

/** The settings under which the forwarder sends to the local intake. */
export function forwarderEnv(port, settings = {}) {
  return {
    NODE_OPTIONS,
    MALLOC_ARENA_MAX,
    AWS_REGION: "eu-west-1",
    DD_API_KEY: "0123456789abcdef0123456789abcdef",
    DD_URL: "127.0.0.1",
    DD_PORT: String(port),
    DD_NO_SSL: "true",
    DD_TRACE_INTAKE_URL: `http://127.0.0.1:${port}`,
    DD_API_URL: `http://127.0.0.1:${port}`,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value.replaceAll("<port>", port)])),
  };
}
