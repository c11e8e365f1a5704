/** The failure store that the configuration names. What it is made of is loaded when it is first used. */
import type { RedriveStore } from "../delivery/failure-store.ts";

export interface FailureStoreSettings {
  /** "" = none. */
  bucket: string;
  /** "" = none. Wins. */
  sqsQueueUrl: string;
  /** Whether the bucket's name stands in the path of a URL. */
  useVpc?: boolean;
}

/** @param functionArn whose failed batches it holds @returns null when there is none */
export function createFailureStore(
  { bucket, sqsQueueUrl, useVpc = false }: FailureStoreSettings,
  functionArn: string,
): RedriveStore | null {
  if (!bucket && !sqsQueueUrl) return null;
  let loading: Promise<RedriveStore> | undefined;
  return {
    put: async (...batch) => (await store()).put(...batch),
    open: async (...redrive) => (await store()).open(...redrive),
  };

  function store(): Promise<RedriveStore> {
    loading ??= sqsQueueUrl ? openQueue(sqsQueueUrl, functionArn) : openBucket(bucket, functionArn, useVpc);
    return loading;
  }
}

async function openQueue(queueUrl: string, functionArn: string): Promise<RedriveStore> {
  const [{ createSqsStore }, { halves }] = await Promise.all([
    import("./sqs-store.ts"),
    import("../delivery/halves.ts"),
  ]);
  return createSqsStore({ queueUrl, functionArn, split: halves });
}

async function openBucket(bucket: string, functionArn: string, usePathStyle: boolean): Promise<RedriveStore> {
  const { createS3Store } = await import("./s3-store.ts");
  return createS3Store({ bucket, functionArn, usePathStyle });
}
