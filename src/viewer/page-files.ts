/** The built page: what the intake answers with at `/`. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { PageFile } from "./placeholder-page.ts";

/** File, path, content type. */
const FILES = [
  ["index.html", "/", "text/html; charset=utf-8"],
  ["page.js", "/page.js", "text/javascript; charset=utf-8"],
  ["page.css", "/page.css", "text/css; charset=utf-8"],
  ["icon.svg", "/icon.svg", "image/svg+xml"],
] as const;

/**
 * By path, for `IntakeSettings.page`.
 *
 * @param folder `dist/cli/page`, which build.mjs fills
 * @throws the error of reading, such as ENOENT where it was not built
 */
export async function readPage(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const files = FILES.map(async ([file, at, contentType]): Promise<[string, PageFile]> => {
    return [at, { contentType, body: await readFile(path.join(folder, file)) }];
  });
  return new Map(await Promise.all(files));
}
