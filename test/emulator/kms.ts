import type { Iam } from "./iam.ts";
import { answerJson } from "./protocols.ts";
import { AwsError, type Place, type Service } from "./service.ts";

/** Every key there may be exists. A ciphertext is the key's ARN and the plaintext, readable, and padded to KMS's size. */
export function kms({ region, accountId }: Place, iam: Iam): Service {
  return {
    contents: () => [],
    answer: (call) =>
      answerJson(call, {
        Encrypt({ KeyId, Plaintext, EncryptionContext = {} }) {
          const KeyArn = KeyId.startsWith("arn:") ? KeyId : `arn:aws:kms:${region}:${accountId}:key/${KeyId}`;
          const text = JSON.stringify({ KeyArn, Plaintext, EncryptionContext }).padEnd(180);
          return { KeyId: KeyArn, CiphertextBlob: Buffer.from(text).toString("base64") };
        },
        Decrypt({ CiphertextBlob, EncryptionContext = {} }, { accessKeyId }) {
          const { KeyArn, Plaintext, EncryptionContext: wanted } = contentOf(CiphertextBlob);
          iam.authorize(accessKeyId, "kms:Decrypt", KeyArn);
          if (JSON.stringify(EncryptionContext) !== JSON.stringify(wanted)) throw invalid();
          return { KeyId: KeyArn, Plaintext };
        },
      }),
  };
}

function contentOf(ciphertext: string): { KeyArn: string; Plaintext: string; EncryptionContext: object } {
  try {
    return JSON.parse(Buffer.from(ciphertext, "base64").toString());
  } catch {
    throw invalid();
  }
}

function invalid(): AwsError {
  return new AwsError("InvalidCiphertextException", "");
}
