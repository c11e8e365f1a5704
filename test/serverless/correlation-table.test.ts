const correlationTable = require("../../serverless/correlation-table.cjs");

const given = (value: unknown) => ({
  resolveVariable: async (variable: string) => (variable === "param:CorrelationTable, null" ? value : undefined),
});

describe("serverless/correlation-table", () => {
  it.each([true, "true", " TRUE "])(
    "with %j makes a table on demand whose items expire, and the rights to it",
    async (value) => {
      expect(await correlationTable.tableName(given(value))).toEqual({ Ref: "CorrelationTable" });
      expect(await correlationTable.policy(given(value))).toEqual({
        PolicyName: "remember-traces",
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"],
              Resource: { "Fn::GetAtt": ["CorrelationTable", "Arn"] },
            },
          ],
        },
      });
      expect(await correlationTable.resources(given(value))).toEqual({
        Resources: {
          CorrelationTable: {
            Type: "AWS::DynamoDB::Table",
            Properties: {
              BillingMode: "PAY_PER_REQUEST",
              AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
              KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
              TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
            },
          },
        },
      });
    },
  );

  it.each([false, "false", null])("with %j makes nothing and gives no right", async (value) => {
    expect(await correlationTable.tableName(given(value))).toBeNull();
    expect(await correlationTable.policy(given(value))).toEqual({ Ref: "AWS::NoValue" });
    expect(await correlationTable.resources(given(value))).toEqual({});
  });
});
