import { answerJson } from "./protocols.ts";
import { AwsError, type Place, type Properties, type Service } from "./service.ts";

const [MAX_READS, MAX_WRITES] = [100, 25];

interface Item {
  [attribute: string]: { S?: string; N?: string };
}

export interface DynamoDb extends Service {
  /** The items of a table, by their key. */
  items(table: string): Map<string, Item>;
}

/** Whether the caller of a call may do what it asks for. @throws {AwsError} when not */
type Authorize = (accessKeyId: string, action: string, resource: string) => void;

/** DynamoDB's batches: tables with a partition key of type string, and no sort key. Nothing expires. */
export function dynamoDb({ region, accountId }: Place, iam: { authorize: Authorize }): DynamoDb {
  const tables = new Map<string, { key: string; items: Map<string, Item> }>();

  function tableOf(name: string): { key: string; items: Map<string, Item> } {
    const table = tables.get(name.split("/").at(-1) as string);
    if (!table) throw new AwsError("ResourceNotFoundException", "Requested resource not found");
    return table;
  }

  function authorize(accessKeyId: string, operation: string, table: string): void {
    const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${table.split("/").at(-1)}`;
    iam.authorize(accessKeyId, `dynamodb:${operation}`, arn);
  }

  function create(name: string, { KeySchema, AttributeDefinitions }: Properties): void {
    const [key, sort] = KeySchema;
    const type = AttributeDefinitions.find(({ AttributeName }: Properties) => AttributeName === key.AttributeName);
    if (sort || key.KeyType !== "HASH" || type?.AttributeType !== "S") {
      throw new AwsError("ValidationException", "The emulator has tables with one key, a string.");
    }
    tables.set(name, { key: key.AttributeName, items: new Map() });
  }

  return {
    contents: () => [...tables.keys()].map((name) => `table ${name}`),
    items: (name) => tableOf(name).items,
    resourceTypes: {
      "AWS::DynamoDB::Table": {
        create(properties, generatedName) {
          const name = properties.TableName ?? generatedName;
          create(name, properties);
          return {
            physicalId: name,
            attributes: { Arn: `arn:aws:dynamodb:${region}:${accountId}:table/${name}` },
          };
        },
        delete: (name) => void tables.delete(name),
      },
    },
    answer: (call) =>
      answerJson(call, {
        CreateTable: (input) => create(input.TableName, input),
        BatchGetItem({ RequestItems }, { accessKeyId }) {
          const Responses: Record<string, Item[]> = {};
          for (const [name, { Keys }] of Object.entries<Properties>(RequestItems)) {
            authorize(accessKeyId, "BatchGetItem", name);
            const { key, items } = tableOf(name);
            const ids = Keys.map((given: Item) => given[key]?.S);
            if (ids.includes(undefined) || new Set(ids).size < ids.length || ids.length > MAX_READS || !ids.length) {
              throw new AwsError("ValidationException", "The provided keys are not valid");
            }
            Responses[name] = ids.flatMap((id: string) => items.get(id) ?? []);
          }
          return { Responses, UnprocessedKeys: {} };
        },
        BatchWriteItem({ RequestItems }, { accessKeyId }) {
          for (const [name, requests] of Object.entries<Properties[]>(RequestItems)) {
            authorize(accessKeyId, "BatchWriteItem", name);
            const { key, items } = tableOf(name);
            const ids = requests.map(({ PutRequest }) => PutRequest?.Item?.[key]?.S as string);
            if (ids.some((id) => !id) || new Set(ids).size < ids.length || ids.length > MAX_WRITES || !ids.length) {
              throw new AwsError("ValidationException", "The provided items are not valid");
            }
            for (const { PutRequest } of requests) items.set(PutRequest.Item[key].S, PutRequest.Item);
          }
          return { UnprocessedItems: {} };
        },
      }).then((answer) => ({ ...answer, headers: { "content-type": "application/x-amz-json-1.0" } })),
  };
}
