const isTrue = require("./is-true.cjs");
const policy = require("./policy.cjs");

const table = "CorrelationTable";

/** What `${file(serverless/correlation-table.cjs):<name>}` stands for in serverless.yml. */
module.exports = {
  /** Null where there is no table. */
  tableName: async (given) => ((await isWanted(given)) ? { Ref: table } : null),

  /** The policy that lets the function read and write the table, and nothing else of it. */
  policy: async (given) => {
    const calls = ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"];
    const statement = { Effect: "Allow", Action: calls, Resource: { "Fn::GetAtt": [table, "Arn"] } };
    return policy("remember-traces", (await isWanted(given)) ? [statement] : []);
  },

  /** The table. It goes with the stack: what is in it is of use for hours. */
  resources: async (given) => {
    if (!(await isWanted(given))) return {};
    const Properties = {
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
    };
    return { Resources: { [table]: { Type: "AWS::DynamoDB::Table", Properties } } };
  },
};

async function isWanted({ resolveVariable }) {
  return isTrue(await resolveVariable(`param:${table}, null`));
}
