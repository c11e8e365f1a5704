import type { Iam } from "./iam.ts";
import { answerJson } from "./protocols.ts";
import { AwsError, NotEmulated, type Place, type Service } from "./service.ts";

export function ssm({ region, accountId }: Place, iam: Iam): Service {
  const parameters = new Map<string, { type: string; value: string }>();

  return {
    contents: () => [...parameters.keys()].map((name) => `parameter ${name}`),
    answer: (call) =>
      answerJson(call, {
        PutParameter({ Name, Type = "String", Value }) {
          parameters.set(Name, { type: Type, value: Value });
          return { Version: 1 };
        },
        GetParameter({ Name, WithDecryption }, { accessKeyId }) {
          const name = Name.startsWith("arn:") ? named(Name) : Name;
          iam.authorize(accessKeyId, "ssm:GetParameter", arnOf(name));
          const { type, value } = find(name);
          const Value = type === "SecureString" && !WithDecryption ? Buffer.from(value).toString("base64") : value;
          return { Parameter: { Name: name, ARN: arnOf(name), Type: type, Value } };
        },
        DescribeParameters({ ParameterFilters: [{ Key, Option, Values }] }) {
          if (Key !== "Name" || Option !== "Equals") throw new NotEmulated(`a filter by ${Key} ${Option}`);
          return {
            Parameters: Values.filter((name: string) => parameters.has(name)).map((Name: string) => ({ Name })),
          };
        },
        DeleteParameter({ Name }) {
          find(Name);
          parameters.delete(Name);
        },
      }),
  };

  function find(name: string) {
    const found = parameters.get(name);
    if (!found) throw new AwsError("ParameterNotFound", `There is no parameter ${name}.`);
    return found;
  }

  function named(arn: string): string {
    return [...parameters.keys()].find((name) => arnOf(name) === arn) ?? arn;
  }

  function arnOf(name: string): string {
    return `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, "")}`;
  }
}
