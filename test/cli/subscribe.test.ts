import { plain } from "../../src/cli/paint.ts";
import { findingsText } from "../../src/cli/subscribe/findings-text.ts";
import { isPermittedForAll } from "../../src/cli/subscribe/invoke-permission.ts";
import { parseSubscribeArguments } from "../../src/cli/subscribe.ts";
import { mayBeInvokedByLogs } from "../../src/io/log-groups.ts";
import type { Finding } from "../../src/subscriptions/log-groups.ts";
import { functionArn } from "../helpers/log-groups.ts";

describe("the command line of subscribe", () => {
  it("chooses by prefix, pattern and tag, and finds the region in an ARN", () => {
    const args = ["--function", functionArn, "--prefix", "/a/", "--prefix", "/b/", "--pattern", "x", "--tag", "k=v"];
    const { choice, region, isDryRun } = parseSubscribeArguments([...args, "--dry-run"]);
    expect(choice).toMatchObject({ prefixes: ["/a/", "/b/"], tags: [{ key: "k", value: "v" }] });
    expect(choice?.hasName("/a/x")).toBe(true);
    expect({ region, isDryRun }).toEqual({ region: "eu-west-1", isDryRun: true });
  });

  it("takes everything away without a choice", () => {
    expect(parseSubscribeArguments(["--remove"]).choice).toBeUndefined();
  });

  it.each([
    [[], "Say which log groups"],
    [["--exclude", "a"], "Say which log groups"],
    [["--remove", "--prefix", "/a/"], "leave the choice out"],
    [["--all", "--prefix", "/a/"], "Either --all or --prefix"],
    [["--prefix", "/a/*"], "cannot begin the name"],
    [["--pattern", "(?!a)"], "the pattern looks ahead"],
    [["--perfix", "/a/"], "perfix"],
  ])("refuses %j", (args, problem) => {
    expect(() => parseSubscribeArguments(args)).toThrow(problem);
  });
});

describe("what subscribe prints", () => {
  const findings: Finding[] = [
    { logGroup: "/b", status: "left", why: "it has 2 filters already" },
    { logGroup: "/aws/lambda/a", status: "subscribed", why: "" },
    { logGroup: "/c", status: "already", why: "" },
  ];

  it("is a table of what was done and why not, and a sum", () => {
    expect(findingsText(findings, { subscribed: 1, already: 1, left: 1 }, 100, plain)).toBe(
      [
        "subscribed  /aws/lambda/a",
        "left        /b             it has 2 filters already",
        "",
        "1 subscribed, 1 already, 1 left",
        "",
      ].join("\n"),
    );
  });

  it("has a reason that is too long for its line on the next one", () => {
    expect(findingsText(findings, {}, 30, plain)).toContain("left        /b\n            it has 2 filters already\n");
  });
});

describe("a function's policy", () => {
  const policy = (Service: string, SourceArn?: string) =>
    JSON.stringify({
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service },
          ...(SourceArn && { Condition: { ArnLike: { "AWS:SourceArn": SourceArn } } }),
        },
      ],
    });
  const logGroups = "arn:aws:logs:eu-west-1:123456789012:log-group:";

  it("permits all log groups of the account and region, or it does not", () => {
    expect(isPermittedForAll(policy("logs.amazonaws.com", `${logGroups}*`), functionArn)).toBe(true);
    expect(isPermittedForAll(policy("logs.eu-west-1.amazonaws.com"), functionArn)).toBe(true);
    expect(isPermittedForAll(policy("logs.amazonaws.com", `${logGroups}/a:*`), functionArn)).toBe(false);
    expect(isPermittedForAll(policy("events.amazonaws.com"), functionArn)).toBe(false);
    expect(isPermittedForAll("{}", functionArn)).toBe(false);
  });

  it("tells whether the function reads logs", () => {
    expect(mayBeInvokedByLogs(policy("logs.amazonaws.com", `${logGroups}/a:*`))).toBe(true);
    expect(mayBeInvokedByLogs(policy("logs.cn-north-1.amazonaws.com.cn"))).toBe(true);
    expect(mayBeInvokedByLogs(policy("s3.amazonaws.com"))).toBe(false);
    expect(mayBeInvokedByLogs('{"Statement":[{"Effect":"Allow","Principal":"*"}]}')).toBe(false);
    expect(mayBeInvokedByLogs("{}")).toBe(false);
  });
});
