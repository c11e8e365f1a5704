import path from "node:path";
import fc from "fast-check";
import { knownSettings } from "../../../src/cli/migrate/known-settings.ts";
import { type Migration, migrationOf, type Row } from "../../../src/cli/migrate/migration.ts";
import { nothingKnown, type OldForwarder } from "../../../src/cli/migrate/old-forwarder.ts";
import { ourParameters } from "../../../src/cli/migrate.ts";
import { settings } from "../../../src/config.ts";
import { propertyRuns } from "../../helpers/property-runs.ts";

const root = path.join(__dirname, "../../..");
const ours = ourParameters(root);
const { defaults } = ours;
/** As serverless has them. */
const fromYaml = Object.fromEntries([...defaults].map(([name, value]) => [name, value || null]));

/** The Datadog Forwarder reads these: its settings.py, and its documentation of version 5.4. */
const VARIABLES =
  "DD_API_KEY_SECRET_ARN DD_API_KEY_SSM_NAME DD_KMS_API_KEY DD_API_KEY DD_SITE DD_URL DD_PORT DD_API_URL DD_TRACE_INTAKE_URL DD_NO_SSL DD_SKIP_SSL_VALIDATION DD_FORWARD_LOG DD_USE_COMPRESSION DD_COMPRESSION_LEVEL DD_MAX_WORKERS DD_TAGS DD_SOURCE DD_USE_VPC DD_MULTILINE_LOG_REGEX_PATTERN INCLUDE_AT_MATCH EXCLUDE_AT_MATCH REDACT_IP REDACT_EMAIL DD_SCRUBBING_RULE DD_SCRUBBING_RULE_REPLACEMENT DD_FETCH_LAMBDA_TAGS DD_FETCH_LOG_GROUP_TAGS DD_FETCH_S3_TAGS DD_ENRICH_S3_TAGS DD_ENRICH_CLOUDWATCH_TAGS DD_TAGS_CACHE_TTL_SECONDS DD_S3_BUCKET_NAME DD_STORE_FAILED_EVENTS DD_SQS_QUEUE_URL DD_ADDITIONAL_TARGET_LAMBDAS DD_STEP_FUNCTIONS_TRACE_ENABLED DD_LOG_LEVEL DD_TRACE_ENABLED DD_ENHANCED_METRICS HTTP_PROXY HTTPS_PROXY NO_PROXY DD_USE_TCP DD_USE_PRIVATE_LINK DD_FETCH_STEP_FUNCTIONS_TAGS DD_FORWARD_METRIC DD_FORWARD_METRICS DD_FORWARD_TRACES".split(
    " ",
  );
const KEY = "0123456789abcdef0123456789abcdef";
const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf";

describe("what becomes of a Datadog Forwarder's settings", () => {
  it("is told of every variable in exactly one row, whatever its value, and known of each", () => {
    const value = fc.oneof(fc.constantFrom("", "true", "false", "5", KEY, SECRET), fc.string());
    const variables = fc.dictionary(fc.constantFrom(...VARIABLES, "MY_OWN", "__proto__"), value);
    fc.assert(
      fc.property(variables, (given) => {
        const { rows } = migrate({ variables: given });
        const named = rows.filter(({ kind, note }) => kind === "variable" && !note.startsWith("not set, which"));
        expect(named.map(({ name }) => name).sort()).toEqual(Object.keys(given).sort());
        const unknown = named.filter(({ status }) => status === "unknown").map(({ name }) => name);
        expect(unknown.filter((name) => VARIABLES.includes(name))).toEqual([]);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("never shows or writes the key, wherever somebody put it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...VARIABLES, "MY_OWN"), fc.constantFrom("", " ", "key:", "a,"), (name, front) => {
        expect(JSON.stringify(migrate({ variables: { [name]: front + KEY } }))).not.toContain(KEY);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it("is written so that serverless takes it", () => {
    const flag = fc.constantFrom("true", "false", "TRUE", "1", "yes");
    const number = fc.oneof(fc.integer({ min: -5, max: 100 }).map(String), fc.constantFrom("", "many", "1e3"));
    const given = fc.record(
      {
        ...Object.fromEntries(VARIABLES.map((name) => [name, fc.oneof(flag, number, fc.string())])),
        DD_SQS_QUEUE_URL: fc.constantFrom(
          "https://sqs.eu-west-1.amazonaws.com/123456789012/failed",
          "https://vpce.example.com/q",
        ),
        DD_ADDITIONAL_TARGET_LAMBDAS: fc.constantFrom(
          "archive",
          "arn:aws:lambda:eu-west-1:123456789012:function:a,b",
          "a b",
        ),
        HTTPS_PROXY: fc.constantFrom(
          "proxy:3128",
          "http://proxy.example.com:3128",
          "ftp://proxy",
          "http://a:b@proxy:1",
        ),
      },
      { requiredKeys: [] },
    );
    const ofStack = fc.record(
      {
        DdForwarderExistingBucketName: fc.constantFrom("", "failures", "no bucket"),
        DdScheduleRetryFailedEvents: flag,
        DdScheduleRetryInterval: number,
        VPCSubnetIds: fc.constantFrom("", "subnet-1"),
        VPCSecurityGroupIds: fc.constantFrom("", "sg-1"),
        IamRolePath: fc.constantFrom("/", "/logging/"),
        PermissionsBoundaryArn: fc.constantFrom("", "arn:aws:iam::123456789012:policy/boundary"),
        KmsKeyList: fc.constantFrom("*", "arn:aws:kms:eu-west-1:123456789012:key/1"),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(given, fc.option(ofStack), (variables, parameters) => {
        const { parameters: written, missing } = migrate({ variables, parameters });
        const { KmsKeyList = null } = { ...missing, ...written };
        expect(ours.problemsWith({ ...fromYaml, ...written, KmsKeyList })).toEqual([]);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("is told of every parameter that the Datadog Forwarder's template has", () => {
    const names = knownSettings.flatMap(({ parameters }) => parameters);
    const parameters = Object.fromEntries(names.map((name) => [name, "1"]));
    const { rows } = migrate({ parameters: { ...parameters, Colour: "blue" } });
    expect(rows.map(({ name }) => name).sort()).toEqual([...names, "Colour"].sort());
    expect(rows.filter(({ status }) => status === "unknown").map(({ name }) => name)).toEqual(["Colour"]);
  });

  it("is taken over where the function reads the variable: what it reads has a parameter here", () => {
    const read = new Set(Object.values(settings).flatMap(({ variables }) => [...variables] as string[]));
    const setByHand = ["DD_API_KEY"];
    const taken = knownSettings.filter(({ variables: [name = ""] }) => read.has(name) && !setByHand.includes(name));
    expect(taken.length).toBeGreaterThan(30);
    expect(taken.filter(({ ours }) => !defaults.has(ours))).toEqual([]);
  });

  it("misses no store where it makes one", () => {
    const { rows } = migrate({ variables: { DD_STORE_FAILED_EVENTS: "true", DD_S3_BUCKET_NAME: "datadog-failed" } });
    expect(rows.find(({ name }) => name === "DD_STORE_FAILED_EVENTS")?.note).toBe("the default");
  });

  it("leaves out what is the default here, and says what is not", () => {
    const variables = {
      ...withKey,
      DD_SITE: "datadoghq.com",
      DD_TAGS: "env:prod",
      DD_LOG_LEVEL: "WARN",
      REDACT_IP: "TRUE",
    };
    expect(migrate({ variables }).parameters).toEqual({
      DdApiKeySecretArn: SECRET,
      DdTags: "env:prod",
      DdLogLevel: "WARN",
      RedactIp: "true",
    });
  });

  it("knows that tags of functions are fetched only where the variable says so", () => {
    expect(migrate({ variables: { DD_SITE: "datadoghq.eu" } }).parameters).toMatchObject({
      DdFetchLambdaTags: "false",
    });
    expect(migrate({ variables: { DD_FETCH_LAMBDA_TAGS: "true" } }).parameters).not.toHaveProperty("DdFetchLambdaTags");
    expect(migrate({ parameters: { DdSite: "datadoghq.eu" } }).parameters).not.toHaveProperty("DdFetchLambdaTags");
  });

  it("keeps what an intake does not take, also where the old one threw it away, and says so", () => {
    const { rows, parameters } = migrate({ variables: { ...withKey, DD_STORE_FAILED_EVENTS: "false" } });
    expect(rowOf(rows, "DD_STORE_FAILED_EVENTS")).toMatchObject({
      status: "differs",
      note: expect.stringMatching(/as before/),
    });
    expect(parameters).not.toHaveProperty("DdStoreFailedEvents");
  });

  it("believes the function where its stack says something else", () => {
    const { rows, parameters } = migrate({
      variables: { ...withKey, DD_TAGS: "env:prod" },
      parameters: { DdTags: "env:dev", DdSource: "mine", LogRetentionInDays: "30", MemorySize: "512" },
      memorySizeMB: 2048,
    });
    expect(parameters).toEqual({
      DdApiKeySecretArn: SECRET,
      DdTags: "env:prod",
      MemorySize: "2048",
      LogRetentionInDays: "30",
    });
    expect(rowOf(rows, "DdTags")).toMatchObject({
      status: "no effect",
      note: "DD_TAGS says something else, and counts",
    });
    expect(rowOf(rows, "DdSource").note).toBe("the function runs without DD_SOURCE, and that counts");
  });

  it("takes the place of the API key that the old one takes, and the key itself from nowhere", () => {
    const ssm = { DD_API_KEY_SSM_NAME: "/datadog/key", DD_API_KEY: KEY };
    expect(migrate({ variables: { ...withKey, ...ssm } })).toMatchObject({
      parameters: { DdApiKeySecretArn: SECRET },
      missing: {},
    });
    expect(migrate({ variables: ssm }).parameters).toMatchObject({ DdApiKeySsmParameterName: "/datadog/key" });
    const { rows, missing } = migrate({ variables: { DD_API_KEY: KEY } });
    expect(missing).toEqual({ DdApiKeySecretArn: "<ARN of the secret with the API key>" });
    expect(rowOf(rows, "DD_API_KEY")).toMatchObject({ status: "secret", value: null, ours: "DdApiKeySecretArn" });
    const ofTemplate = {
      DdApiKeySecretArn: "arn:aws:secretsmanager:DEFAULT",
      DdApiKeySsmParameterName: "/datadog/key",
    };
    expect(migrate({ parameters: ofTemplate }).parameters).toEqual({ DdApiKeySsmParameterName: "/datadog/key" });
  });

  it("asks for a secret of one's own where the old stack made it, which deletes it with itself", () => {
    const parameters = { DdApiKey: "****", DdApiKeySecretArn: "arn:aws:secretsmanager:DEFAULT" };
    const migration = migrate({ variables: withKey, parameters });
    expect(migration).toMatchObject({
      isKeyInOldStack: true,
      parameters: {},
      missing: { DdApiKeySecretArn: expect.stringMatching(/^<ARN/) },
    });
    expect(rowOf(migration.rows, "DD_API_KEY_SECRET_ARN")).toMatchObject({
      status: "by hand",
      note: expect.stringMatching(/deletes it with itself/),
    });
    expect(migrate({ variables: withKey, parameters: { DdApiKeySecretArn: SECRET } }).isKeyInOldStack).toBe(false);
  });

  it("neither shows nor writes the password of a proxy", () => {
    const migration = migrate({ variables: { HTTPS_PROXY: "http://me:hunter2@proxy:3128", NO_PROXY: "10.0.0.0/8" } });
    expect(JSON.stringify(migration)).not.toContain("hunter2");
    expect(migration).toMatchObject({
      parameters: { DdNoProxy: "10.0.0.0/8" },
      missing: { DdHttpProxyURL: expect.stringMatching(/^<URL/) },
    });
    const open = migrate({ variables: { HTTPS_PROXY: "http://proxy:3128", HTTP_PROXY: "http://other:3128" } });
    expect(open.parameters).toMatchObject({ DdHttpProxyURL: "http://proxy:3128" });
    expect(rowOf(open.rows, "HTTP_PROXY").note).toBe("HTTPS_PROXY says something else, and counts");
  });

  it("says what cannot be used here, and writes it not", () => {
    const { rows, parameters } = migrate({
      variables: { ...withKey, EXCLUDE_AT_MATCH: "(?=a)", DD_TAGS: `a:$${"{env:HOME}"}` },
    });
    expect(rowOf(rows, "EXCLUDE_AT_MATCH")).toMatchObject({
      status: "by hand",
      note: expect.stringMatching(/cannot be used here: .*looks ahead/),
    });
    expect(rowOf(rows, "DD_TAGS")).toMatchObject({
      status: "by hand",
      note: expect.stringMatching(/serverless would replace/),
    });
    expect(Object.keys(parameters)).toEqual(["DdApiKeySecretArn"]);
  });

  it("keeps a bucket that was the operator's, and leaves one that is the old stack's", () => {
    const variables = { ...withKey, DD_S3_BUCKET_NAME: "failures" };
    const own = migrate({ variables, parameters: { DdForwarderExistingBucketName: "failures" } });
    expect(own.parameters).toMatchObject({ DdForwarderExistingBucketName: "failures" });
    expect(rowOf(own.rows, "DD_S3_BUCKET_NAME").status).toBe("renamed");
    const ofStack = migrate({ variables, parameters: { DdForwarderExistingBucketName: "" } });
    expect(ofStack.parameters).not.toHaveProperty("DdForwarderExistingBucketName");
    expect(rowOf(ofStack.rows, "DD_S3_BUCKET_NAME").status).toBe("no effect");
    expect(rowOf(migrate({ variables }).rows, "DD_S3_BUCKET_NAME").status).toBe("by hand");
    const queue = { DD_SQS_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/failed" };
    const both = migrate({
      variables: { ...variables, ...queue },
      parameters: { DdForwarderExistingBucketName: "failures" },
    });
    expect(both.parameters).toEqual(expect.not.objectContaining({ DdForwarderExistingBucketName: "failures" }));
  });

  it("asks for the KMS key of a key that KMS encrypted", () => {
    const DD_KMS_API_KEY = Buffer.alloc(180, "encrypted").toString("base64");
    expect(migrate({ variables: { DD_KMS_API_KEY } })).toMatchObject({
      parameters: { DdKmsApiKey: DD_KMS_API_KEY },
      missing: { KmsKeyList: expect.stringMatching(/^<ARN/) },
    });
  });
});

const withKey = { DD_API_KEY_SECRET_ARN: SECRET, DD_FETCH_LAMBDA_TAGS: "true" };

function migrate(given: Partial<OldForwarder>): Migration {
  return migrationOf({ ...nothingKnown(), ...given }, ours);
}

function rowOf(rows: Row[], name: string): Row {
  const found = rows.filter((row) => row.name === name);
  expect(found).toHaveLength(1);
  return found[0] as Row;
}
