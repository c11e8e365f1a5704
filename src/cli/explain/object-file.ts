/** What stands in for S3 where nothing is asked of AWS: a file with the content of the object that an event tells of. */
import { createReadStream, existsSync } from "node:fs";
import type { Config } from "../../config.ts";
import type { LoadReach, Reach } from "../../sources/source.ts";
import { compilePattern } from "../../transforms/pattern.ts";
import { CommandError } from "../command-error.ts";

/**
 * @param file undefined: objects cannot be read, and an error says what to do
 * @throws {CommandError} when there is no such file
 */
export function objectIn(file: string | undefined, { multilinePattern, maxObjectMegabytes }: Config): LoadReach {
  if (file !== undefined && !existsSync(file)) {
    throw new CommandError(`cannot read ${file}: ENOENT`, "--object names a file with the content of the object.");
  }
  const pattern = multilinePattern ? compilePattern(`^(?:${multilinePattern})`) : undefined;
  const reach: Reach = {
    async openObject({ bucket, key }, fromByte) {
      if (file === undefined) {
        throw new Error(`s3://${bucket}/${key} is not read here: copy it, and give the copy with --object`);
      }
      return { etag: "", pieces: createReadStream(file, { start: fromByte }) };
    },
    beginsEvent: pattern && ((line) => pattern.test(line)),
    maxObjectBytes: maxObjectMegabytes * 1024 * 1024,
    isLate: () => false,
    unfinished: [],
    canResume: false,
    answer: undefined,
    report: () => {},
  };
  return async () => reach;
}
