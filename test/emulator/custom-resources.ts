import { randomUUID } from "node:crypto";
import type { Subscribers } from "./logs.ts";
import { AwsError, type CreatedResource, NotEmulated, type Place, type Properties, type Service } from "./service.ts";

interface Answer {
  Status: string;
  Reason?: string;
  PhysicalResourceId: string;
  Data?: Record<string, string>;
}

export interface CustomResources extends Service {
  /** The kinds of the requests that were made, in order. */
  requests: string[];
  /** What was answered to them, in order. */
  answers: Answer[];
}

// CloudFormation waits an hour.
const maxWaitMs = 30_000;

/** Resources that a function makes: it is invoked with a request, and puts its answer to the URL in it. */
export function customResources(
  { region, accountId }: Place,
  endpoint: string,
  functions: Subscribers,
): CustomResources {
  const waiting = new Map<string, (answer: Answer) => void>();
  const made = new Map<string, Properties>();
  const requests: string[] = [];
  const answers: Answer[] = [];

  return {
    requests,
    answers,
    contents: () => [...made.keys()].map((physicalId) => `custom resource ${physicalId}`),

    async answer({ method, path, body }) {
      const settle = waiting.get(path);
      if (method !== "PUT" || !settle) throw new AwsError("NoSuchKey", `Nobody waits for ${method} ${path}.`, 404);
      const answer: Answer = JSON.parse(body.toString());
      answers.push(answer);
      settle(answer);
      return { status: 200 };
    },

    resourceTypes: {
      "Custom::": {
        async create(properties) {
          const created = await ask("Create", properties, {});
          made.set(created.physicalId, properties);
          return created;
        },
        async update(PhysicalResourceId, properties) {
          const OldResourceProperties = made.get(PhysicalResourceId);
          const updated = await ask("Update", properties, { PhysicalResourceId, OldResourceProperties });
          if (updated.physicalId !== PhysicalResourceId) throw new NotEmulated("custom resources that are replaced");
          made.set(PhysicalResourceId, properties);
          return updated;
        },
        replacedFor: ["ServiceToken"],
        async delete(PhysicalResourceId, properties) {
          await ask("Delete", properties, { PhysicalResourceId });
          made.delete(PhysicalResourceId);
        },
      },
    },
  };

  async function ask(RequestType: string, properties: Properties, more: object): Promise<CreatedResource> {
    requests.push(RequestType);
    const url = `/custom-resources/${randomUUID()}`;
    const answered = new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new AwsError("Timeout", "The custom resource did not answer.")), maxWaitMs);
      waiting.set(url, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
    functions.invokeAsync(properties.ServiceToken, {
      RequestType,
      ResponseURL: `${endpoint}${url}`,
      StackId: `arn:aws:cloudformation:${region}:${accountId}:stack/any`,
      RequestId: randomUUID(),
      LogicalResourceId: "any",
      ResourceProperties: texts(properties),
      ...more,
    });
    const { Status, Reason = "", PhysicalResourceId, Data = {} } = await answered.finally(() => waiting.delete(url));
    if (Status !== "SUCCESS")
      throw new AwsError("CustomResourceFailed", `Received response status [FAILED]: ${Reason}`);
    return { physicalId: PhysicalResourceId, attributes: Data };
  }
}

/** CloudFormation makes texts of numbers and switches. */
function texts(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, typeof value === "object" ? value : String(value)]),
  );
}
