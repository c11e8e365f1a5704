import { checkPatterns } from "../../src/handlers/check-patterns.ts";
import { createForwarder } from "../../src/handlers/forwarder.ts";

describe("the check of patterns", () => {
  it("finds nothing where there is none, or none that is wrong", () => {
    expect(checkPatterns({ DD_SCRUBBING_RULE_REPLACEMENT: "\\1" })).toEqual({ problems: [], warnings: [] });
    const env = { INCLUDE_AT_MATCH: "(?i)a", EXCLUDE_AT_MATCH: "b$", DD_SCRUBBING_RULE: "(?P<k>c)=d" };
    const found = checkPatterns({ ...env, DD_SCRUBBING_RULE_REPLACEMENT: "\\g<k>" });
    expect(found).toEqual({ problems: [], warnings: [] });
  });

  it("names each variable with what is wrong with it, and none of their patterns", () => {
    const { problems } = checkPatterns({
      INCLUDE_AT_MATCH: "",
      EXCLUDE_AT_MATCH: "(hunter2",
      DD_SCRUBBING_RULE: "(hunter)2",
      DD_SCRUBBING_RULE_REPLACEMENT: "\\2",
    });
    expect(problems).toEqual([
      expect.stringMatching(/^INCLUDE_AT_MATCH is empty: give a pattern, or remove the variable$/),
      expect.stringMatching(/^EXCLUDE_AT_MATCH cannot be used: missing closing \); /),
      expect.stringMatching(/^DD_SCRUBBING_RULE_REPLACEMENT refers to a group that is not there, /),
    ]);
    expect(problems.join()).not.toContain("hunter");
  });

  it("warns of a rule that was written for JSON inside JSON", () => {
    const { warnings, problems } = checkPatterns({ DD_SCRUBBING_RULE: 'password\\\\":\\\\"[^"]*' });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^DD_SCRUBBING_RULE looks for a backslash before a quote: /)]);
  });

  it("is told together with the other settings that cannot be used", () => {
    const env = { DD_PORT: "http", DD_SCRUBBING_RULE: "(?=a)" };
    expect(() => createForwarder(env, checkPatterns(env))).toThrow(
      /DD_SCRUBBING_RULE looks ahead .*\n.*DD_PORT must be .*\n.*no Datadog API key/,
    );
  });
});
