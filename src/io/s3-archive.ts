/**
 * Writes bodies of the archive into S3, as gzip of the lines of one hour: `<prefix>/logs/dt=2026-11-21/hour=13/<hash>.ndjson.gz`.
 * The name is of the content, so that what is written once more takes the place of what it is a copy of.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Request, World } from "../delivery/world.ts";
import { S3Bucket } from "./s3-bucket.ts";
import { S3Error } from "./s3-error.ts";

export interface ArchiveSettings {
  /** Of the destination, for people. */
  name: string;
  bucket: string;
  /** Without slashes at its ends; "" = none. */
  prefix: string;
  usePathStyle: boolean;
  compressionLevel: number;
}

/** The lines of one hour. */
interface Part {
  /** Behind the kind's folder. */
  key: string;
  gzip: Uint8Array;
}

const LINE_FEED = 0x0a;
const SPACE = 0x20;
/** What every line begins with, and what is behind it of a date and an hour: `2026-11-21T13`. */
const [BEFORE_DATE, HOUR_LENGTH] = ['{"event_time":"'.length, 13];

/** How the archive is reached. Its URLs are the folders of kinds. @param report told what a person must look at, once */
export function archiveAccess(
  { name, bucket: bucketName, prefix, usePathStyle, compressionLevel }: ArchiveSettings,
  report: (problem: string) => void,
): {
  credentials(): Promise<Readonly<Record<string, string>>>;
  renew(): Promise<boolean>;
  post: World["post"];
  compress: World["compress"];
} {
  const bucket = new S3Bucket(bucketName, undefined, usePathStyle);
  /** What a body that waits is made of. */
  const partsOf = new WeakMap<Uint8Array, readonly Part[]>();
  const reported = new Set<string>();
  return {
    credentials: async () => ({}),
    renew: async () => false,
    compress(body) {
      const parts = partsByHour(body).map(([hour, lines]) => partOf(hour, lines, compressionLevel));
      const [only] = parts;
      const packed = only && parts.length === 1 ? only.gzip : Buffer.concat(parts.map(({ gzip }) => gzip));
      partsOf.set(packed, parts);
      return { body: packed, contentEncoding: "gzip" };
    },
    post,
  };

  /** Writing is safe to repeat, so that nothing is in doubt without an answer. */
  async function post({ url: kind, body, timeoutMs }: Request): ReturnType<World["post"]> {
    const deadlineUnixMs = Date.now() + timeoutMs;
    const folder = prefix ? `${prefix}/${kind}` : kind;
    const parts = partsOf.get(body) ?? [];
    const ends = await Promise.allSettled(
      parts.map(({ key, gzip }) => bucket.put(`${folder}/${key}`, gzip, deadlineUnixMs)),
    );
    const failure = ends.find((end) => end.status === "rejected");
    if (!failure) {
      reported.clear();
      return { status: 200 };
    }
    const { reason } = failure;
    const [code, message] = reason instanceof S3Error ? [reason.code, reason.message] : ["unknown", "unknown error"];
    if (!reported.has(code)) report(`destination ${name}: ${message.replace("DD_S3_BUCKET_NAME", "its entry")}`);
    reported.add(code);
    return { error: code, isSent: false };
  }
}

/** Lines by the hour of their time, in the order of the first of each. */
function partsByHour(body: Uint8Array): [hour: string, lines: Uint8Array[]][] {
  const hours = new Map<string, Uint8Array[]>();
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  let hour = "";
  let runStart = 0;
  const endRun = (end: number): void => {
    if (end === runStart) return;
    const lines = hours.get(hour) ?? [];
    lines.push(body.subarray(runStart, end));
    hours.set(hour, lines);
    runStart = end;
  };
  for (let start = 0; start < bytes.length; ) {
    const date = start + BEFORE_DATE + (bytes[start] === SPACE ? 1 : 0);
    const own = bytes.toString("latin1", date, date + HOUR_LENGTH);
    if (own !== hour) endRun(start);
    hour = own;
    const end = bytes.indexOf(LINE_FEED, start);
    start = end === -1 ? bytes.length : end + 1;
  }
  endRun(bytes.length);
  return [...hours];
}

function partOf(hour: string, lines: readonly Uint8Array[], level: number): Part {
  const content = lines.length === 1 ? (lines[0] as Uint8Array) : Buffer.concat(lines);
  const name = createHash("sha256").update(content).digest("hex").slice(0, 32);
  const [date, ofDay] = hour.split("T");
  return { key: `dt=${date}/hour=${ofDay}/${name}.ndjson.gz`, gzip: gzipSync(content, { level }) };
}
