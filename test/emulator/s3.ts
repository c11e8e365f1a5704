import { createHash } from "node:crypto";
import { operationOf, xml, xmlTexts } from "./protocols.ts";
import { type AwsAnswer, type AwsCall, AwsError, NotEmulated, type Place, type Service } from "./service.ts";

interface StoredObject {
  body: Buffer;
  metadata: Record<string, string>;
  /** S3 counts whole seconds. */
  lastModified: Date;
}

export interface S3 extends Service {
  /** @throws {AwsError} NoSuchBucket or NoSuchKey */
  object(bucket: string, key: string): Buffer;
}

/** Path style only, `/bucket/key`, which the SDK uses when the endpoint is an IP address. */
export function s3({ region }: Place): S3 {
  const buckets = new Map<string, Map<string, StoredObject>>();

  return {
    contents: () => [...buckets.keys()].map((name) => `bucket ${name}`),
    object: (bucket, key) => find(bucket, key).body,

    async answer(call) {
      try {
        return answer(call);
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
    const [, bucket = "", ...rest] = call.path.split("/");
    const key = rest.join("/");
    return key === "" ? answerForBucket(call, bucket) : answerForObject(call, bucket, key);
  }

  function answerForBucket(call: AwsCall, bucket: string): AwsAnswer {
    const objects = objectsOf(bucket);
    if (call.method === "HEAD") return { status: 200, headers: { "x-amz-bucket-region": region } };
    if (call.method === "GET" && call.query.get("list-type") === "2") {
      const prefix = call.query.get("prefix") ?? "";
      const Contents = [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([Key, { body, lastModified }]) => ({
          Key,
          LastModified: lastModified.toISOString(),
          ETag: etag(body),
          Size: body.length,
        }));
      const result = { Name: bucket, Prefix: prefix, KeyCount: Contents.length, IsTruncated: false, Contents };
      return xmlAnswer(xml("ListBucketResult", result, ["Contents"]));
    }
    if (call.method === "POST" && call.query.has("delete")) {
      const Deleted = xmlTexts(call.body.toString(), "Key").map((Key) => {
        objects.delete(Key);
        return { Key };
      });
      return xmlAnswer(xml("DeleteResult", { Deleted }, ["Deleted"]));
    }
    throw new NotEmulated(`s3 ${operationOf(call)}`);
  }

  function answerForObject(call: AwsCall, bucket: string, key: string): AwsAnswer {
    switch (call.method) {
      case "PUT": {
        const body = isChunked(call) ? withoutChunks(call.body) : call.body;
        const metadata = Object.fromEntries(
          Object.entries(call.headers).filter(([name]) => name.startsWith("x-amz-meta-")),
        );
        const lastModified = new Date(Math.floor(Date.now() / 1000) * 1000);
        objectsOf(bucket).set(key, { body, metadata, lastModified });
        return { status: 200, headers: { etag: etag(body) } };
      }
      case "HEAD":
      case "GET": {
        const { body, metadata, lastModified } = find(bucket, key);
        const headers = { ...metadata, etag: etag(body), "last-modified": lastModified.toUTCString() };
        return call.method === "GET"
          ? { status: 200, headers, body }
          : { status: 200, headers: { ...headers, "content-length": String(body.length) } };
      }
      case "DELETE":
        objectsOf(bucket).delete(key);
        return { status: 204 };
      default:
        throw new NotEmulated(`s3 ${operationOf(call)}`);
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

function xmlAnswer(body: string): AwsAnswer {
  return { status: 200, headers: { "content-type": "application/xml" }, body };
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
