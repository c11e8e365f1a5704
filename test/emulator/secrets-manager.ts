import { randomBytes } from "node:crypto";
import type { Iam } from "./iam.ts";
import { answerJson } from "./protocols.ts";
import { AwsError, type Place, type Service } from "./service.ts";

export function secretsManager({ region, accountId }: Place, iam: Iam): Service {
  const secrets = new Map<string, { name: string; value: string }>();

  return {
    contents: () => [...secrets.values()].map(({ name }) => `secret ${name}`),
    answer: (call) =>
      answerJson(call, {
        CreateSecret({ Name, SecretString }) {
          // The six characters at the end are what makes the ARN of a secret not guessable from its name.
          const suffix = randomBytes(3).toString("hex");
          const ARN = `arn:aws:secretsmanager:${region}:${accountId}:secret:${Name}-${suffix}`;
          secrets.set(ARN, { name: Name, value: SecretString });
          return { ARN, Name };
        },
        GetSecretValue({ SecretId }, { accessKeyId }) {
          const [ARN, secret] = find(SecretId);
          iam.authorize(accessKeyId, "secretsmanager:GetSecretValue", ARN);
          return { ARN, Name: secret.name, SecretString: secret.value };
        },
        DescribeSecret({ SecretId }) {
          const [ARN, { name }] = find(SecretId);
          return { ARN, Name: name };
        },
        DeleteSecret({ SecretId }) {
          const [ARN, { name }] = find(SecretId);
          secrets.delete(ARN);
          return { ARN, Name: name };
        },
      }),
  };

  function find(id: string) {
    // An ARN is found without the six characters at its end, too; rights are not.
    const found = [...secrets].find(([arn, { name }]) => [arn, arn.slice(0, -"-000000".length), name].includes(id));
    if (!found) throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    return found;
  }
}
