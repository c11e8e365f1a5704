import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Properties } from "../emulator/service.ts";
import { compiledResources, defaults, type Right, rightsIn } from "../helpers/compiled-resources.ts";
import { needs, wildcards } from "../helpers/rights-needed.ts";

const account = "eu-west-1:123456789012";

/** What can be chosen independently of each other; the first of each is the template's default, or none. */
const options: Record<string, object[]> = {
  apiKey: [
    { DdApiKeySecretArn: `arn:aws:secretsmanager:${account}:secret:datadog-1a2b3c` },
    { DdApiKeySsmParameterName: "/datadog/key" },
    { DdKmsApiKey: "AQIC", KmsKeyList: `arn:aws:kms:${account}:key/mine` },
    {},
  ],
  backend: [
    {},
    { OtlpEndpoint: "https://collector", OtlpHeadersSecretArn: `arn:aws:secretsmanager:${account}:secret:otlp-1a2b3c` },
    { OtlpEndpoint: "https://collector", OtlpHeadersSsmParameterName: "otlp/headers" },
  ],
  destinations: [
    {},
    {
      Destinations: [
        { name: "archive", type: "s3", bucket: "archive", prefix: "prod" },
        { name: "one", type: "otlp", secretArn: `arn:aws:secretsmanager:${account}:secret:further-1a2b3c` },
        { name: "two", type: "otlp", ssmName: "/further/headers" },
      ],
    },
  ],
  kmsKeys: [{}, { KmsKeyList: `arn:aws:kms:${account}:key/mine` }],
  store: [
    {},
    { DdForwarderExistingBucketName: "mine" },
    { DdSqsQueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/failed-events" },
    { DdStoreFailedEvents: "false" },
  ],
  lambdaTags: [{}, { DdFetchLambdaTags: "false" }],
  logGroupTags: [{}, { DdFetchLogGroupTags: "true" }],
  bucketTags: [{}, { DdFetchS3Tags: "true" }],
  vpc: [{}, { VPCSubnetIds: "subnet-1", VPCSecurityGroupIds: "sg-1" }],
  targets: [{}, { AdditionalTargetLambdaArns: `archive,arn:aws:lambda:${account}:function:archive-2` }],
  buckets: [{}, { S3BucketArnList: "arn:aws:s3:::objects" }],
  queues: [{}, { SqsQueueArnList: `arn:aws:sqs:${account}:logs` }],
  streams: [{}, { KinesisStreamArnList: `arn:aws:kinesis:${account}:stream/logs` }],
  clusters: [{}, { KafkaClusterArnList: `arn:aws:kafka:${account}:cluster/logs/abc-1` }],
  table: [{}, { CorrelationTable: "true" }],
  alarms: [{}, { Alarms: "false" }],
  subscribed: [
    {},
    { LogGroups: "/ecs/a,/ecs/b" },
    { SubscribePrefixes: "/ecs/,/aws/lambda/thinker" },
    { SubscribePrefixes: "/ecs/" },
    { SubscribePattern: "^/ecs/" },
    { SubscribeTags: "forward" },
    { SubscribePrefixes: "/aws/lambda/", SubscribeTags: "forward" },
    { SubscribeAccount: "true" },
  ],
  howToSubscribe: [{}, { SubscribeDryRun: "true" }, { SubscribeNewLogGroups: "false", SubscribeIntervalInHours: 0 }],
};

/** Pairs of choices that every combination covers together: what is wrong is wrong for one option, or for two. */
const combinations = everyPair(Object.values(options)).map((chosen) => {
  const merged = Object.assign({}, defaults, ...chosen);
  return { name: JSON.stringify(Object.assign({}, ...chosen)), parameters: merged as Record<string, unknown> };
});
const compiled = Promise.all(
  combinations.map(async (combination) => {
    const resources = await compiledResources(combination.parameters);
    return { ...combination, resources, rights: rightsIn(resources) };
  }),
);

describe("the rights of the roles", () => {
  it("are for every pair of options", () => {
    expect(combinations.length).toBeGreaterThan(30);
    expect(combinations.length).toBeLessThan(200);
  });

  it("have no wildcard that nothing makes necessary", async () => {
    const unexplained = (await compiled).flatMap(({ name, rights }) =>
      rights
        .filter(({ effect, resource }) => effect === "Allow" && (resource.includes("*") || resource.includes("?")))
        .filter(
          ({ role, action, resource }) =>
            !wildcards.some((known) => known.role === role && known.actions.test(action) && known.on.test(resource)),
        )
        .map((right) => `${text(right)} with ${name}`),
    );
    expect(unexplained).toEqual([]);
  });

  it("have no wildcard in an action, and nothing is allowed to everybody", async () => {
    for (const { rights, resources } of await compiled) {
      expect(rights.filter(({ action }) => action.includes("*"))).toEqual([]);
      const permissions = ofType(resources, "AWS::Lambda::Permission");
      // A service may act for any account, so which one is said.
      expect(permissions.filter(({ SourceArn, SourceAccount }) => !SourceArn && !SourceAccount)).toEqual([]);
      expect(permissions.map(({ Action }) => Action)).toEqual(permissions.map(() => "lambda:InvokeFunction"));
    }
  });

  it("are there for every call that is made, and for no other", async () => {
    const wrong: string[] = [];
    for (const { name, parameters, rights } of await compiled) {
      const allowed = rights.filter(({ effect }) => effect === "Allow");
      const needed = needs.filter(({ when }) => when(parameters));
      const meets = (right: Right, { role, action, on }: (typeof needs)[number]) =>
        right.role === role && right.action === action && on.test(right.resource);
      for (const need of needed) {
        if (!allowed.some((right) => meets(right, need))) {
          wrong.push(`missing: ${need.role} ${need.action} for ${need.by} with ${name}`);
        }
      }
      for (const right of allowed) {
        if (!needed.some((need) => meets(right, need))) wrong.push(`of no use: ${text(right)} with ${name}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("know every call in the code of the functions, by the function that makes it", () => {
    const made = ["forward", "subscribe"].flatMap((entry) => {
      const role = entry === "forward" ? "ForwarderRole" : "SubscribeRole";
      return filesFrom(`handlers/${entry}.ts`).flatMap((file) =>
        callsIn(file).map((call) => `${role} ${file} ${call}`),
      );
    });
    const known = needs.flatMap(({ role, by }) => (typeof by === "string" ? [] : [`${role} ${by.join(" ")}`]));
    expect(made.length).toBeGreaterThan(20);
    expect([...new Set(known)].sort()).toEqual([...new Set(made)].sort());
  });

  it("are of use in some combination, each of them and each reason for a wildcard", async () => {
    const all = await compiled;
    expect(needs.filter(({ when }) => !all.some(({ parameters }) => when(parameters)))).toEqual([]);
    const unused = wildcards.filter(
      ({ role, actions, on }) =>
        !all.some(({ rights }) =>
          rights.some((right) => right.role === role && actions.test(right.action) && on.test(right.resource)),
        ),
    );
    expect(unused).toEqual([]);
  });

  it("to decrypt are those of the services that keep what is read, but for an API key that KMS itself encrypted", async () => {
    for (const { parameters, resources } of await compiled) {
      const statements = ofType(resources, "AWS::IAM::Role").flatMap(({ Policies }) =>
        Policies.flatMap(({ PolicyDocument }: Properties) => PolicyDocument?.Statement ?? []),
      );
      const own = statements.filter(({ Action, Condition }) => Action === "kms:Decrypt" && !Condition);
      expect(own).toHaveLength(parameters.DdKmsApiKey ? 1 : 0);
      for (const { Action, Condition } of statements) {
        if (Action === "kms:Decrypt" && Condition) expect(JSON.stringify(Condition)).toContain('"kms:ViaService":');
      }
    }
  });

  it("to make network interfaces are Lambda's, not those of the function's code", async () => {
    for (const { rights } of await compiled) {
      const ofNetwork = (effect: Right["effect"]) =>
        [
          ...new Set(
            rights.flatMap((right) => (right.effect === effect && /^ec2:/.test(right.action) ? [right.action] : [])),
          ),
        ].sort();
      expect(ofNetwork("Deny")).toEqual(ofNetwork("Allow"));
    }
  });

  it("are bounded, and the roles in the path, that the parameters say", async () => {
    const PermissionsBoundaryArn = "arn:aws:iam::123456789012:policy/boundary";
    const roles = ofType(
      await compiledResources({ SubscribePrefixes: "/", IamRolePath: "/logging/", PermissionsBoundaryArn }),
      "AWS::IAM::Role",
    );
    expect(roles).toHaveLength(2);
    for (const role of roles) {
      expect(role).toMatchObject({ Path: "/logging/", PermissionsBoundary: PermissionsBoundaryArn });
    }
  });
});

function text({ role, action, resource }: Right): string {
  return `${role} ${action} on ${resource}`;
}

function ofType(resources: Record<string, Properties>, type: string): Properties[] {
  return Object.values(resources).flatMap(({ Type, Properties: properties }) => (Type === type ? [properties] : []));
}

/** Few lists with one of each option, in which every two choices of different options stand together somewhere. */
function everyPair<Choice>(given: Choice[][]): Choice[][] {
  const open = new Set<string>();
  const key = (a: number, b: number, x: number, y: number) => `${a}.${x} ${b}.${y}`;
  given.forEach((first, a) => {
    given.slice(a + 1).forEach((second, after) => {
      for (const x of first.keys()) for (const y of second.keys()) open.add(key(a, a + 1 + after, x, y));
    });
  });
  const rows: Choice[][] = [];
  while (open.size > 0) {
    const [[a, x], [b, y]] = ([...open][0] as string).split(" ").map((part) => part.split(".").map(Number)) as [
      [number, number],
      [number, number],
    ];
    const row = new Map([
      [a, x],
      [b, y],
    ]);
    for (const at of given.keys()) {
      if (row.has(at)) continue;
      const gain = (choice: number) =>
        [...row].filter(([other, taken]) =>
          open.has(other < at ? key(other, at, taken, choice) : key(at, other, choice, taken)),
        ).length;
      const choices = [...(given[at] as Choice[]).keys()];
      row.set(
        at,
        choices.reduce((best, choice) => (gain(choice) > gain(best) ? choice : best)),
      );
    }
    for (const [one, chosen] of row) for (const [two, taken] of row) open.delete(key(one, two, chosen, taken));
    rows.push(given.map((choices, at) => choices[row.get(at) as number] as Choice));
  }
  return rows;
}

/** An entry of src, and everything that it imports at once or on demand, without types. */
function filesFrom(entry: string): string[] {
  const src = path.join(__dirname, "../../src");
  const all = new Set(readdirSync(src, { recursive: true, encoding: "utf8" }));
  const found = new Set([entry]);
  for (const file of found) {
    const code = readFileSync(path.join(src, file), "utf8").replace(/^import type [\s\S]*?;$/gm, "");
    for (const [, target = ""] of code.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const imported = path.join(path.dirname(file), target);
      if (all.has(imported)) found.add(imported);
    }
  }
  return [...found];
}

function callsIn(file: string): string[] {
  const code = readFileSync(path.join(__dirname, "../../src", file), "utf8");
  return [...code.matchAll(/new (?:\w+\.)?(\w+)Command\(/g)].map((match) => match[1] as string);
}
