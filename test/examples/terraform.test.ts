import { readFileSync } from "node:fs";
import path from "node:path";
import { settings } from "../../src/config.ts";

const root = path.join(__dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const [main, variables, serverlessYml] = [
  "examples/terraform/main.tf",
  "examples/terraform/variables.tf",
  "serverless.yml",
].map(read) as [string, string, string];
/** Texts and comments hold no structure. */
const code = main.replace(/#.*/g, "").replace(/"(?:[^"\\]|\\.)*"/g, '""');

function captured(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match.slice(1).filter(Boolean).join("."));
}

describe("the Terraform module", () => {
  it("opens nothing that it does not close", () => {
    const open: string[] = [];
    const pairs: Record<string, string> = { "}": "{", "]": "[", ")": "(" };
    for (const [bracket] of code.matchAll(/[[\]{}()]/g)) {
      if (bracket in pairs) expect(open.pop()).toBe(pairs[bracket]);
      else open.push(bracket);
    }
    expect(open).toEqual([]);
  });

  it("uses the variables that it declares, all of them, each with a type and a description", () => {
    const declared = captured(variables, /^variable "(\w+)" \{/gm);
    expect(new Set(captured(main, /\bvar\.(\w+)/g))).toEqual(new Set(declared));
    for (const block of variables.split(/^variable /m).slice(1)) expect(block).toMatch(/description = ".+"\n +type +=/);
  });

  it("refers to nothing that is not there", () => {
    const declared = new Set(captured(main, /^(?:resource|data) "(\w+)" "(\w+)"/gm));
    const named = captured(main, /\b(aws_\w+)\.(\w+)/g);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !declared.has(name))).toEqual([]);
  });

  it("has the sizes and limits of serverless.yml", () => {
    for (const [here, there] of [
      ["runtime", "runtime"],
      ["handler", "handler"],
      ["maximum_retry_attempts", "maximumRetryAttempts"],
      ["maximum_event_age_in_seconds", "maximumEventAge"],
      ["message_retention_seconds", "MessageRetentionPeriod"],
    ] as const) {
      const [value] = captured(main, new RegExp(`\\b${here} += "?([\\w./]+)`, "g"));
      expect([here, value]).toEqual([here, captured(serverlessYml, new RegExp(`\\b${there}: ([\\w./]+)`, "g"))[0]]);
    }
    for (const [here, there] of [
      ["memory_size", "MemorySize"],
      ["timeout", "Timeout"],
      ["log_retention_in_days", "LogRetentionInDays"],
      ["failed_events_retention_in_days", "FailedEventsRetentionInDays"],
      ["redrive_interval_in_minutes", "RedriveIntervalInMinutes"],
    ] as const) {
      const [value] = captured(variables, new RegExp(`^variable "${here}" \\{[^}]*default += (\\d+)`, "gm"));
      expect([here, value]).toEqual([here, captured(serverlessYml, new RegExp(`^    ${there}: (\\d+)`, "gm"))[0]]);
    }
  });

  it("sets only variables that the function reads, as serverless.yml names them", () => {
    const set = captured(main, /^ {8}([A-Z_\d]+) += /gm);
    expect(set).toHaveLength(5);
    const known = new Set(Object.values(settings).flatMap((setting): string[] => [...setting.variables]));
    expect(set.filter((name) => !known.has(name))).toEqual(["NODE_OPTIONS", "MALLOC_ARENA_MAX"]);
    for (const name of set) expect(serverlessYml).toContain(`\n      ${name}: `);
    expect(main).toContain("--max-semi-space-size=2");
    expect(main).toMatch(/MALLOC_ARENA_MAX += "1"/);
  });

  it("gives the function the rights that the deployment gives it with a secret and a bucket, and no right to everything", () => {
    const policy = main.slice(main.indexOf('resource "aws_iam_role_policy"'), main.indexOf('resource "aws_s3_bucket"'));
    const actions = captured(policy, /"([a-z0-9]+:[A-Z]\w+)"/g);
    expect(policy).not.toMatch(/Resource += "\*"/);
    const deployment = ["serverless.yml", "serverless/failure-store.cjs", "serverless/secret-place.cjs"]
      .map(read)
      .join("\n");
    expect(actions).toHaveLength(8);
    for (const action of actions) expect(deployment).toContain(action);
    const [given] = /Action: \["s3:PutObject".*?\]/.exec(read("serverless/failure-store.cjs")) ?? [];
    for (const action of captured(given ?? "", /"(s3:\w+)"/g)) expect(actions).toContain(action);
  });
});
