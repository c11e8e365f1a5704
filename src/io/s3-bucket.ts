/** One bucket of S3. Each call ends in time, and its error names the place and the remedy. */
import type { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { inTime, loadS3Sdk, type S3Sdk, s3Client, type Timeouts } from "./s3-call.ts";
import { type Action, S3Error, s3Error } from "./s3-error.ts";

const TIMEOUTS: Timeouts = { callMs: 10_000, attemptMs: 4_000 };

export interface ListedObject {
  key: string;
  bytes: number;
  lastModifiedUnixMs: number;
}

export interface ListedPage {
  /** By key, in the order of UTF-8 bytes. */
  objects: ListedObject[];
  /** With a delimiter: the beginnings that keys have in common, up to and with the delimiter. */
  folders: string[];
  /** Gives the next page; undefined = there is none. */
  continuationToken: string | undefined;
}

/** Under which a write is done; without one, always. */
export type Condition = { ifNoneMatch: "*" } | { ifMatch: string };

/** Every method throws an `S3Error` when the call fails, or when there is no answer by the deadline. */
export class S3Bucket {
  readonly #name: string;
  readonly #timeouts: Timeouts;
  readonly #usePathStyle: boolean;
  #client: S3Client | undefined;

  /**
   * Region, endpoint and credentials are what the SDK finds in the environment.
   *
   * @param usePathStyle put the bucket's name into the path of a URL, for endpoints that have no host name for each bucket
   */
  constructor(name: string, timeouts = TIMEOUTS, usePathStyle = false) {
    this.#name = name;
    this.#timeouts = timeouts;
    this.#usePathStyle = usePathStyle;
  }

  /** For people. */
  place(key: string): string {
    return `s3://${this.#name}/${key}`;
  }

  /** At most 1,000 keys that begin with the prefix. */
  list(
    prefix: string,
    { delimiter, continuationToken }: { delimiter?: string; continuationToken?: string | undefined },
    deadlineUnixMs: number,
  ): Promise<ListedPage> {
    return this.#call("list", prefix, deadlineUnixMs, async (sdk, client, abortSignal) => {
      const command = new sdk.ListObjectsV2Command({
        Bucket: this.#name,
        Prefix: prefix,
        Delimiter: delimiter,
        ContinuationToken: continuationToken,
        // XML has no place for some of the characters that a key may have.
        EncodingType: "url",
      });
      const page = await client.send(command, { abortSignal });
      const decoded = (text = ""): string =>
        page.EncodingType === "url" ? decodeURIComponent(text.replaceAll("+", " ")) : text;
      return {
        objects: (page.Contents ?? []).map(({ Key, Size = 0, LastModified }) => ({
          key: decoded(Key),
          bytes: Size,
          lastModifiedUnixMs: LastModified?.getTime() ?? 0,
        })),
        folders: (page.CommonPrefixes ?? []).map(({ Prefix }) => decoded(Prefix)),
        continuationToken: page.IsTruncated ? page.NextContinuationToken : undefined,
      };
    });
  }

  /** The whole object, unless it is larger than `maxBytes`. S3 tells whole seconds. */
  get(
    key: string,
    maxBytes: number,
    deadlineUnixMs: number,
  ): Promise<{ body: Buffer; etag: string; lastModifiedUnixMs: number }> {
    return this.#call("read", key, deadlineUnixMs, async (sdk, client, abortSignal) => {
      const command = new sdk.GetObjectCommand({ Bucket: this.#name, Key: key });
      const { Body, ContentLength = 0, ETag = "", LastModified } = await client.send(command, { abortSignal });
      const stream = Body as Readable;
      const tooLarge = (bytes: number): S3Error =>
        new S3Error(
          "TooLarge",
          `cannot read ${this.place(key)}: it has ${bytes} bytes or more, and a forwarder stores no more than ${maxBytes}; move it out of the folder`,
        );
      if (ContentLength > maxBytes) {
        stream.destroy();
        throw tooLarge(ContentLength);
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of stream) {
        bytes += (chunk as Buffer).length;
        if (bytes > maxBytes) throw tooLarge(bytes);
        chunks.push(chunk as Buffer);
      }
      return { body: Buffer.concat(chunks), etag: ETag, lastModifiedUnixMs: LastModified?.getTime() ?? 0 };
    });
  }

  /** Gives the ETag of what was written. A condition that does not hold is an error with the code `PreconditionFailed`. */
  put(key: string, body: Uint8Array, deadlineUnixMs: number, condition?: Condition): Promise<string> {
    return this.#call("write", key, deadlineUnixMs, async (sdk, client, abortSignal) => {
      const command = new sdk.PutObjectCommand({
        Bucket: this.#name,
        Key: key,
        Body: body,
        ...(condition && ("ifMatch" in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: "*" })),
      });
      const { ETag = "" } = await client.send(command, { abortSignal });
      return ETag;
    });
  }

  copy(fromKey: string, toKey: string, deadlineUnixMs: number): Promise<void> {
    return this.#call("copy", fromKey, deadlineUnixMs, async (sdk, client, abortSignal) => {
      const command = new sdk.CopyObjectCommand({
        Bucket: this.#name,
        Key: toKey,
        CopySource: `${this.#name}/${fromKey.split("/").map(encodeURIComponent).join("/")}`,
        // Copying tags would need rights of its own.
        TaggingDirective: "REPLACE",
      });
      await client.send(command, { abortSignal });
    });
  }

  /** Deletes the object, if there is one; with an ETag, only that version of it. */
  delete(key: string, deadlineUnixMs: number, ifMatch?: string): Promise<void> {
    return this.#call("delete", key, deadlineUnixMs, async (sdk, client, abortSignal) => {
      const command = new sdk.DeleteObjectCommand({ Bucket: this.#name, Key: key, IfMatch: ifMatch });
      await client.send(command, { abortSignal });
    });
  }

  async #call<Result>(
    action: Action,
    key: string,
    deadlineUnixMs: number,
    send: (sdk: S3Sdk, client: S3Client, abortSignal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await inTime(this.#timeouts.callMs, deadlineUnixMs, async (abortSignal) => {
        const sdk = await loadS3Sdk();
        this.#client ??= s3Client(sdk, this.#timeouts, this.#usePathStyle);
        return send(sdk, this.#client, abortSignal);
      });
    } catch (error) {
      throw s3Error(error, action, this.place(key));
    }
  }
}
