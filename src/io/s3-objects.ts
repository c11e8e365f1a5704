/** Objects of any bucket, read in ranges, so that a slow reader keeps no connection waiting and a lost one costs little. */
import type { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { inTime, loadS3Sdk, MAX_ATTEMPTS, type S3Sdk, s3Client, type Timeouts } from "./s3-call.ts";
import { S3Error, s3Error, TimeoutError } from "./s3-error.ts";

/** Large enough to hide a call's latency, small enough to hold two. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Of one range; between the bytes of one attempt as well. */
const TIMEOUTS: Timeouts = { callMs: 30_000, attemptMs: 5_000 };

export interface Place {
  bucket: string;
  key: string;
  region?: string | undefined;
  versionId?: string | undefined;
  etag?: string | undefined;
}

interface Piece {
  bytes: Buffer;
  etag: string;
  /** Of the whole object. */
  length: number;
}

export class S3Objects {
  readonly #usePathStyle: boolean;
  readonly #timeouts: Timeouts;
  readonly #pieceBytes: number;
  readonly #clients = new Map<string, S3Client>();

  /** @param usePathStyle put the bucket's name into the path of a URL, for endpoints that have no host name for each bucket */
  constructor(usePathStyle: boolean, timeouts = TIMEOUTS, pieceBytes = PIECE_BYTES) {
    this.#usePathStyle = usePathStyle;
    this.#timeouts = timeouts;
    this.#pieceBytes = pieceBytes;
  }

  /**
   * The object from a byte on. It is one and the same object to its end: where another takes its place meanwhile, reading
   * it fails.
   *
   * @param deadlineUnixMs no call goes on after it
   * @throws {S3Error}
   */
  async open(
    place: Place,
    fromByte: number,
    deadlineUnixMs: number,
  ): Promise<{ etag: string; pieces: AsyncIterable<Buffer> }> {
    const first = await this.#read(place, fromByte, deadlineUnixMs);
    const rest = { ...place, etag: first.etag };
    return { etag: first.etag, pieces: this.#pieces(rest, fromByte, deadlineUnixMs, first) };
  }

  /** While one piece is worked on the next is fetched. */
  async *#pieces(place: Place, fromByte: number, deadlineUnixMs: number, first: Piece): AsyncGenerator<Buffer> {
    let next: Promise<Piece> | undefined = Promise.resolve(first);
    let at = fromByte;
    while (next) {
      const { bytes }: Piece = await next;
      at += bytes.length;
      next = at < first.length && bytes.length > 0 ? this.#read(place, at, deadlineUnixMs) : undefined;
      // Whoever stops reading must not leave a rejection behind.
      next?.catch(() => {});
      if (bytes.length > 0) yield bytes;
    }
  }

  async #read(place: Place, from: number, deadlineUnixMs: number): Promise<Piece> {
    try {
      return await inTime(this.#timeouts.callMs, deadlineUnixMs, (signal) => this.#attempt(place, from, signal));
    } catch (error) {
      // A range that begins where the object ends, as that of an empty object does.
      const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
      if ($metadata?.httpStatusCode === 416) return { bytes: Buffer.alloc(0), etag: place.etag ?? "", length: 0 };
      throw explained(error, place);
    }
  }

  /** The SDK tries again what is not answered, but not what breaks off. */
  async #attempt(place: Place, from: number, abortSignal: AbortSignal, attempt = 1): Promise<Piece> {
    const { bucket, key, region = "", versionId, etag } = place;
    const sdk = await loadS3Sdk();
    const command = new sdk.GetObjectCommand({
      Bucket: bucket,
      Key: key,
      VersionId: versionId,
      IfMatch: etag,
      Range: `bytes=${from}-${from + this.#pieceBytes - 1}`,
    });
    const {
      Body,
      ContentRange,
      ETag = "",
      ContentLength = 0,
    } = await this.#client(sdk, region).send(command, {
      abortSignal,
    });
    try {
      const bytes = await whole(Body as Readable, this.#timeouts.attemptMs);
      const length = Number(ContentRange?.split("/")[1] ?? ContentLength);
      return { bytes, etag: ETag, length };
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || abortSignal.aborted) throw error;
      return this.#attempt(place, from, abortSignal, attempt + 1);
    }
  }

  /** @param region "" = the function's */
  #client(sdk: S3Sdk, region: string): S3Client {
    const given = { followRegionRedirects: true, ...(region && { region }) };
    const client = this.#clients.get(region) ?? s3Client(sdk, this.#timeouts, this.#usePathStyle, given);
    this.#clients.set(region, client);
    return client;
  }
}

/** @param patienceMs for the next bytes */
async function whole(body: Readable, patienceMs: number): Promise<Buffer> {
  const timer = setTimeout(() => body.destroy(new TimeoutError()), patienceMs);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      timer.refresh();
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(timer);
  }
}

function explained(error: unknown, { bucket, key }: Place): S3Error {
  const place = `s3://${bucket}/${key}`;
  const told = s3Error(error, "read", place);
  const problem = PROBLEMS[told.code];
  return problem ? new S3Error(told.code, `cannot read ${place}: ${problem}`, error) : told;
}

const PROBLEMS: Record<string, string> = {
  NoSuchBucket: "there is no such bucket; it was deleted since it told of the object",
  NoSuchKey: "there is no such object any more; let it live until the forwarder has read it",
  NoSuchVersion: "there is no such version of the object any more; let it live until the forwarder has read it",
  PreconditionFailed: "another object has taken its place while it was read, and tells of itself",
  InvalidObjectState: "the object is archived; let no lifecycle rule archive what the forwarder has not read",
};
