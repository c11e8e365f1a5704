const destinations = require("../../serverless/destinations.cjs");
const destinationProblems = require("../../serverless/destination-problems.cjs");

const secretArn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:audit-AbCdEf";
const kmsKey = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const TABLE = [
  { name: "audit", type: "datadog", secretArn },
  { name: "archive", type: "s3", bucket: "example-archive", prefix: "prod" },
  { name: "all", type: "s3", bucket: "example-all" },
];

describe("serverless/destinations", () => {
  it("gives the function no variable and no rights where there are none", async () => {
    for (const Destinations of [null, [], ""]) {
      expect(await destinations.variable(given({ Destinations }))).toBeNull();
      expect(await destinations.policy(given({ Destinations, KmsKeyList: kmsKey }))).toEqual({ Ref: "AWS::NoValue" });
    }
  });

  it.each([
    ["a list", TABLE],
    ["JSON", JSON.stringify(TABLE)],
  ])("takes them as %s, and lets the function reach exactly these", async (_, Destinations) => {
    expect(JSON.parse(await destinations.variable(given({ Destinations })))).toEqual(TABLE);
    const { PolicyDocument } = await destinations.policy(given({ Destinations }));
    expect(PolicyDocument.Statement).toEqual([
      { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secretArn },
      {
        Effect: "Allow",
        Action: "s3:PutObject",
        Resource: [
          { "Fn::Sub": `arn:\${AWS::Partition}:s3:::example-archive/prod/*` },
          { "Fn::Sub": `arn:\${AWS::Partition}:s3:::example-all/*` },
        ],
      },
    ]);
  });

  it("lets it decrypt with the given keys through the service that keeps the secret", async () => {
    const { PolicyDocument } = await destinations.policy(given({ Destinations: TABLE, KmsKeyList: kmsKey }));
    expect(PolicyDocument.Statement[1]).toMatchObject({ Action: "kms:Decrypt", Resource: [kmsKey] });
  });
});

describe("serverless/destination-problems", () => {
  it.each([
    ["nothing", []],
    ["a list", TABLE],
    ["JSON", JSON.stringify(TABLE)],
  ])("finds nothing wrong with %s", (_, Destinations) => {
    expect(destinationProblems({ Destinations })).toEqual([]);
  });

  it.each<[unknown, RegExp]>([
    ["{", /must be a YAML list/],
    [["a"], /must be a YAML list/],
    [[{ type: "s3" }], /entry 1 is of type s3: give its bucket/],
    [[{ type: "s3", bucket: "*" }], /bucket of entry 1/],
    [[{ type: "s3", bucket: "example-archive", prefix: "a/*" }], /prefix of entry 1/],
    [[{ type: "otlp", secretArn: "arn:aws:secretsmanager:eu-west-1:1:secret:*" }], /secretArn of entry 1/],
    [[{ type: "datadog", apiKey: "a" }], /part of the template/],
    [[{ type: "otlp", include: "a".repeat(3_000) }], /4 kB/],
  ])("names what is wrong with %j", (Destinations, problem) => {
    expect(destinationProblems({ Destinations })).toEqual([expect.stringMatching(problem)]);
  });
});

function given(parameters: Record<string, unknown>) {
  return { resolveVariable: async (name: string) => parameters[/param:(\w+)/.exec(name)?.[1] ?? ""] ?? null };
}
