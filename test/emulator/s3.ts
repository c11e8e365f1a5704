import { createHash } from "node:crypto";
import { operationOf, xml, xmlTexts } from "./protocols.ts";
import { type AwsAnswer, type AwsCall, AwsError, NotEmulated, type Place, type Service } from "./service.ts";

interface StoredObject {
  body: Buffer;
  metadata: Record<string, string>;
  /** S3 counts whole seconds. */
  lastModified: Date;
}

export interface S3Call {
  /** S3's own name, such as `PutObject`. */
  operation: string;
  bucket: string;
  /** For `ListObjectsV2` the prefix; "" for other calls that have no key. */
  key: string;
  accessKeyId: string;
}

/**
 * What a test does to calls. An error that a hook throws is the answer: an `AwsError` as S3 would write it, any other
 * is for the server to understand. A hook that does not end is a call that hangs.
 */
export interface S3Hooks {
  /** The call has come, and nothing is done yet. */
  beforeCall?: ((call: S3Call) => Promise<void> | void) | undefined;
  /** All is done, and the answer not sent yet. Not called for errors. */
  afterCall?: ((call: S3Call, answer: AwsAnswer) => Promise<void> | void) | undefined;
}

export interface S3 extends Service {
  /** May be set and replaced at any time. */
  hooks: S3Hooks;
  /** @throws {AwsError} NoSuchBucket or NoSuchKey */
  object(bucket: string, key: string): Buffer;
  /** In the order of a listing. */
  keys(bucket: string): string[];
  /** Puts an object there without a call, and makes the bucket if need be. */
  store(bucket: string, key: string, body: string | Uint8Array, lastModified?: Date): void;
  /** Takes an object away without a call. */
  remove(bucket: string, key: string): void;
}

const MAX_KEYS = 1000;
const MAX_KEY_BYTES = 1024;

/** Path style only, `/bucket/key`, which the SDK uses when the endpoint is an IP address. */
export function s3({ region }: Place): S3 {
  const buckets = new Map<string, Map<string, StoredObject>>();
  const hooks: S3Hooks = {};

  return {
    hooks,
    contents: () => [...buckets.keys()].map((name) => `bucket ${name}`),
    object: (bucket, key) => find(bucket, key).body,
    keys: (bucket) => [...objectsOf(bucket).keys()].sort(byBytes),
    store(bucket, key, body, lastModified = new Date()) {
      const objects = buckets.get(bucket) ?? new Map<string, StoredObject>();
      buckets.set(bucket, objects);
      objects.set(key, { body: Buffer.from(body), metadata: {}, lastModified: wholeSeconds(lastModified) });
    },

    remove: (bucket, key) => void objectsOf(bucket).delete(key),

    async answer(call) {
      try {
        const hooked = s3CallOf(call);
        await hooks.beforeCall?.(hooked);
        const answered = answer(call);
        await hooks.afterCall?.(hooked, answered);
        return answered;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const body = call.method === "HEAD" ? "" : xml("Error", { Code: error.code, Message: error.message });
        return { status: error.status, headers: { "content-type": "application/xml" }, body };
      }
    },

    resourceTypes: {
      "AWS::S3::Bucket": {
        create(properties, generatedName) {
          const name: string = properties.BucketName ?? generatedName.toLowerCase().slice(0, 63);
          if (buckets.has(name)) throw new AwsError("BucketAlreadyOwnedByYou", `There already is a bucket ${name}.`);
          buckets.set(name, new Map());
          return { physicalId: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
        },
        update: (physicalId) => ({ physicalId, attributes: { Arn: `arn:aws:s3:::${physicalId}` } }),
        replacedFor: ["BucketName"],
        delete(physicalId) {
          if (objectsOf(physicalId).size > 0) {
            throw new AwsError("BucketNotEmpty", `The bucket ${physicalId} is not empty.`, 409);
          }
          buckets.delete(physicalId);
        },
      },
      "AWS::S3::BucketPolicy": {
        create: ({ Bucket }, generatedName) => {
          objectsOf(Bucket);
          return { physicalId: generatedName };
        },
        update: (physicalId) => ({ physicalId }),
        delete: () => {},
      },
    },
  };

  function answer(call: AwsCall): AwsAnswer {
    const { bucket, key } = placeOf(call);
    return key === "" ? answerForBucket(call, bucket) : answerForObject(call, bucket, key);
  }

  function answerForBucket(call: AwsCall, bucket: string): AwsAnswer {
    const objects = objectsOf(bucket);
    switch (nameOf(call)) {
      case "HeadBucket":
        return { status: 200, headers: { "x-amz-bucket-region": region } };
      case "ListObjectsV2":
        return list(bucket, call.query);
      case "DeleteObjects": {
        const Deleted = xmlTexts(call.body.toString(), "Key").map((Key) => {
          objects.delete(Key);
          return { Key };
        });
        return xmlAnswer(xml("DeleteResult", { Deleted }, ["Deleted"]));
      }
      default:
        throw new NotEmulated(`s3 ${operationOf(call)}`);
    }
  }

  /** A page holds keys and common prefixes, in one order. A token says after which one the next page begins. */
  function list(bucket: string, query: URLSearchParams): AwsAnswer {
    const Prefix = query.get("prefix") ?? "";
    const Delimiter = query.get("delimiter") || undefined;
    const ContinuationToken = query.get("continuation-token") ?? undefined;
    const EncodingType = query.get("encoding-type") ?? undefined;
    const MaxKeys = Math.min(Number(query.get("max-keys") ?? MAX_KEYS), MAX_KEYS);
    if (!(MaxKeys >= 0)) throw new AwsError("InvalidArgument", "Provided max-keys not an integer.");
    const startAfter =
      ContinuationToken === undefined ? (query.get("start-after") ?? "") : decodeToken(ContinuationToken);
    const encoded = (text: string) => (EncodingType === "url" ? urlEncoded(text) : text);

    const entries = new Map<string, StoredObject | "prefix">();
    for (const [key, object] of [...objectsOf(bucket)].sort(([a], [b]) => byBytes(a, b))) {
      if (!key.startsWith(Prefix)) continue;
      const end = Delimiter === undefined ? -1 : key.indexOf(Delimiter, Prefix.length);
      const name = end < 0 ? key : key.slice(0, end + (Delimiter as string).length);
      if (byBytes(name, startAfter) > 0) entries.set(name, end < 0 ? object : "prefix");
    }
    const page = [...entries].slice(0, MaxKeys);
    const IsTruncated = MaxKeys > 0 && entries.size > MaxKeys;
    const Contents = page.flatMap(([name, entry]) =>
      entry === "prefix"
        ? []
        : [
            {
              Key: encoded(name),
              LastModified: entry.lastModified.toISOString(),
              ETag: etag(entry.body),
              Size: entry.body.length,
            },
          ],
    );
    const CommonPrefixes = page.flatMap(([name, entry]) => (entry === "prefix" ? [{ Prefix: encoded(name) }] : []));
    const result = {
      Name: bucket,
      Prefix: encoded(Prefix),
      Delimiter: Delimiter && encoded(Delimiter),
      MaxKeys,
      EncodingType,
      KeyCount: page.length,
      IsTruncated,
      ContinuationToken,
      NextContinuationToken: IsTruncated ? encodeToken(page.at(-1)?.[0] as string) : undefined,
      Contents,
      CommonPrefixes,
    };
    return xmlAnswer(xml("ListBucketResult", result, ["Contents", "CommonPrefixes"]));
  }

  function answerForObject(call: AwsCall, bucket: string, key: string): AwsAnswer {
    const objects = objectsOf(bucket);
    const lastModified = wholeSeconds(new Date());
    switch (nameOf(call)) {
      case "PutObject": {
        if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsError("KeyTooLongError", "Your key is too long.");
        checkConditions(call, bucket, key);
        const body = isChunked(call) ? withoutChunks(call.body) : call.body;
        objects.set(key, { body, metadata: metadataOf(call), lastModified });
        return { status: 200, headers: { etag: etag(body) } };
      }
      case "CopyObject": {
        if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsError("KeyTooLongError", "Your key is too long.");
        const [fromBucket = "", ...rest] = decodeURIComponent(call.headers["x-amz-copy-source"] ?? "")
          .replace(/^\//, "")
          .split("/");
        const { body, metadata } = find(fromBucket, rest.join("/"));
        checkConditions(call, bucket, key);
        const isReplaced = call.headers["x-amz-metadata-directive"] === "REPLACE";
        if (fromBucket === bucket && rest.join("/") === key && !isReplaced) {
          throw new AwsError("InvalidRequest", "This copy request is illegal: it copies an object to itself.");
        }
        objects.set(key, { body, metadata: isReplaced ? metadataOf(call) : metadata, lastModified });
        return xmlAnswer(xml("CopyObjectResult", { ETag: etag(body), LastModified: lastModified.toISOString() }));
      }
      case "HeadObject":
      case "GetObject": {
        const { body, metadata, lastModified } = find(bucket, key);
        const headers = { ...metadata, etag: etag(body), "last-modified": lastModified.toUTCString() };
        if (call.method === "GET") {
          checkConditions(call, bucket, key);
          return inRange(call.headers.range, body, headers);
        }
        return { status: 200, headers: { ...headers, "content-length": String(body.length) } };
      }
      case "DeleteObject":
        checkConditions(call, bucket, key);
        objects.delete(key);
        return { status: 204 };
      default:
        throw new NotEmulated(`s3 ${operationOf(call)}`);
    }
  }

  /** Conditional writes and deletes. Calls come one after the other here, so there is never a conflict, 409. */
  function checkConditions({ headers }: AwsCall, bucket: string, key: string): void {
    const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = headers;
    const failed = new AwsError(
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold",
      412,
    );
    if (ifNoneMatch !== undefined) {
      if (ifNoneMatch !== "*") {
        throw new AwsError(
          "NotImplemented",
          "A header you provided implies functionality that is not implemented",
          501,
        );
      }
      if (objectsOf(bucket).has(key)) throw failed;
    }
    if (ifMatch !== undefined) {
      const { body } = find(bucket, key);
      if (ifMatch !== "*" && ifMatch.replaceAll('"', "") !== etag(body).replaceAll('"', "")) throw failed;
    }
  }

  function objectsOf(bucket: string) {
    const objects = buckets.get(bucket);
    if (!objects) throw new AwsError("NoSuchBucket", `There is no bucket ${bucket}.`, 404);
    return objects;
  }

  function find(bucket: string, key: string) {
    const found = objectsOf(bucket).get(key);
    if (!found) throw new AwsError("NoSuchKey", `There is no ${key} in ${bucket}.`, 404);
    return found;
  }
}

/** Without a call of S3's that is emulated, "". Parts of a bucket or an object, such as its tags, are calls of their own. */
function nameOf(call: AwsCall): string {
  const { method, query, headers } = call;
  const parts = [...query.keys()].filter((name) => name !== "x-id");
  if (placeOf(call).key === "") {
    if (method === "GET" && query.get("list-type") === "2") return "ListObjectsV2";
    if (method === "POST" && query.has("delete")) return "DeleteObjects";
    return method === "HEAD" && parts.length === 0 ? "HeadBucket" : "";
  }
  if (parts.length > 0) return "";
  if (method === "PUT") return headers["x-amz-copy-source"] === undefined ? "PutObject" : "CopyObject";
  return { HEAD: "HeadObject", GET: "GetObject", DELETE: "DeleteObject" }[method] ?? "";
}

function placeOf({ path }: AwsCall): { bucket: string; key: string } {
  const [, bucket = "", ...rest] = path.split("/");
  return { bucket, key: rest.join("/") };
}

function s3CallOf(call: AwsCall): S3Call {
  const { bucket, key } = placeOf(call);
  const { accessKeyId, query } = call;
  return { operation: nameOf(call), bucket, key: key || (query.get("prefix") ?? ""), accessKeyId };
}

function metadataOf({ headers }: AwsCall): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-")));
}

function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/** S3 sorts keys by the bytes of their UTF-8. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** As S3 writes keys for `encoding-type=url`: spaces as `+`, slashes as they are. */
function urlEncoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%2F", "/")
    .replaceAll("%20", "+")
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function encodeToken(startAfter: string): string {
  return Buffer.from(`after ${startAfter}`).toString("base64");
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, "base64").toString();
  if (!text.startsWith("after ")) {
    throw new AwsError("InvalidArgument", "The continuation token provided is incorrect");
  }
  return text.slice("after ".length);
}

function xmlAnswer(body: string): AwsAnswer {
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

/** The part of a body that `bytes=from-to` asks for; all of it where nothing is asked. */
function inRange(range: string | undefined, body: Buffer, headers: Record<string, string>): AwsAnswer {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined) return { status: 200, headers, body };
  const from = Number(first);
  if (from >= body.length) throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416);
  const part = body.subarray(from, last ? Number(last) + 1 : undefined);
  const contentRange = `bytes ${from}-${from + part.length - 1}/${body.length}`;
  return { status: 206, headers: { ...headers, "content-range": contentRange }, body: part };
}

function etag(body: Buffer): string {
  return `"${createHash("md5").update(body).digest("hex")}"`;
}

function isChunked({ headers }: AwsCall): boolean {
  return headers["x-amz-content-sha256"]?.startsWith("STREAMING-") ?? false;
}

/** The body of `aws-chunked`: `size in hex[;signature]CRLF bytes CRLF`, again and again, then size 0 and trailers. */
function withoutChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const endOfLine = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, endOfLine), 16);
    if (!(size > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(endOfLine + 2, endOfLine + 2 + size));
    at = endOfLine + 2 + size + 2;
  }
}
