import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type LocalFunction, type LocalFunctionSettings, startLocalFunction } from "../../src/cli/local-function.ts";

export const hostModule = path.resolve("dist/cli/function-host.mjs");

const folders: string[] = [];
const functions: LocalFunction[] = [];

/** A folder with these files, gone after `cleanUp`. */
export function aFolder(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "local-function-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

/** A function with this source of `index.cjs`, and the messages that it wrote so far. */
export async function aFunction(source: string, settings: Partial<LocalFunctionSettings> = {}) {
  const messages: string[] = [];
  const local = await startLocalFunction({
    functionName: "a-function",
    handler: path.join(aFolder({ "index.cjs": source }), "index.handler"),
    environment: {},
    hostModule,
    onLogEvent: ({ message }) => messages.push(message),
    ...settings,
  });
  functions.push(local);
  return { local, messages };
}

export async function cleanUp() {
  await Promise.all(functions.splice(0).map((local) => local.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}
