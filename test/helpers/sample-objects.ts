/** The objects that samples in `events/` tell of. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Reach } from "../../src/sources/source.ts";
import { BUCKET } from "./s3-notices.ts";

const directory = path.join(__dirname, "../../events/objects");

/** By key. */
export function sampleObjects(): Map<string, Buffer> {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(path.join(directory, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(path.join(directory, name))]));
}

/** A way to these objects, and to no others. */
export async function sampleReach(): Promise<Reach> {
  const objects = sampleObjects();
  return {
    async openObject({ bucket, key }) {
      const content = objects.get(key);
      if (bucket !== BUCKET || !content) throw new Error(`no sample tells of ${bucket}/${key}`);
      return { etag: "e", pieces: piecesOf(content) };
    },
    ...{ beginsEvent: undefined, maxObjectBytes: 1e6, isLate: () => false, unfinished: [], canResume: false },
    ...{ answer: undefined, report: () => {} },
  };
}

async function* piecesOf(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}
