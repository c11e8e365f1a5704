/** What all calls to S3 have in common: a client that gives up in time, and an end at the deadline. */
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { TimeoutError } from "./s3-error.ts";

export type S3Sdk = typeof import("@aws-sdk/client-s3");

/** Of throttled calls, failures of S3 and of the network. */
export const MAX_ATTEMPTS = 3;

export interface Timeouts {
  /** Of a call with all its attempts. */
  callMs: number;
  /** Of one attempt, until the answer begins. */
  attemptMs: number;
}

/** Loaded by the first. */
let loaded: Promise<S3Sdk> | undefined;

export function loadS3Sdk(): Promise<S3Sdk> {
  loaded ??= import("@aws-sdk/client-s3");
  return loaded;
}

/** Region, endpoint and credentials are what the SDK finds in the environment, where nothing else is given. */
export function s3Client(
  sdk: S3Sdk,
  { attemptMs }: Timeouts,
  usePathStyle: boolean,
  given: S3ClientConfig = {},
): S3Client {
  const requestHandler = { connectionTimeout: attemptMs, requestTimeout: attemptMs, throwOnRequestTimeout: true };
  return new sdk.S3Client({ maxAttempts: MAX_ATTEMPTS, requestHandler, forcePathStyle: usePathStyle, ...given });
}

/** @throws {TimeoutError} when there is no answer after `callMs`, or at the deadline */
export async function inTime<Result>(
  callMs: number,
  deadlineUnixMs: number,
  send: (abortSignal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timeoutMs = Math.min(callMs, deadlineUnixMs - Date.now());
  if (timeoutMs <= 0) throw new TimeoutError();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  // The SDK stops what it knows of at the signal; waiting for it ends here in any case.
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimeoutError());
      abort.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([send(abort.signal), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
