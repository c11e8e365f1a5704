import { answerJson } from "./protocols.ts";
import { AwsError, type Service } from "./service.ts";

/** A registry without repositories: `serverless remove` asks whether there is one. */
export function ecr(): Service {
  return {
    contents: () => [],
    answer: (call) =>
      answerJson(call, {
        DescribeRepositories: () => {
          throw new AwsError("RepositoryNotFoundException", "There are no repositories.");
        },
      }),
  };
}
