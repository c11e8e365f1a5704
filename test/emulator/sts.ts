import { answerQuery } from "./protocols.ts";
import type { Place, Service } from "./service.ts";

export function sts({ accountId }: Place): Service {
  return {
    contents: () => [],
    answer: (call) =>
      answerQuery(call, {
        GetCallerIdentity: () => ({
          Account: accountId,
          Arn: `arn:aws:iam::${accountId}:user/test`,
          UserId: "AIDATEST",
        }),
      }),
  };
}
