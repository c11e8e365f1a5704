import fc from "fast-check";
import { wafLogByName } from "../../src/formats/waf-log.ts";

/** The parts of a log of AWS WAF that have lists. */
function byName(log: unknown): unknown {
  const text = wafLogByName(JSON.stringify(log));
  return text === undefined ? undefined : JSON.parse(text);
}

describe("a log of AWS WAF", () => {
  it("has its headers by name", () => {
    const headers = [
      { name: "Host", value: "example.com" },
      { name: "User-Agent", value: "curl/8" },
    ];
    expect(byName({ action: "ALLOW", httpRequest: { clientIp: "10.0.0.1", headers } })).toEqual({
      action: "ALLOW",
      httpRequest: { clientIp: "10.0.0.1", headers: { Host: "example.com", "User-Agent": "curl/8" } },
    });
  });

  it("does not lose the first of two headers of one name", () => {
    const headers = ["a=1", "b=2", "c=3"].map((value) => ({ name: "cookie", value }));
    expect(byName({ httpRequest: { headers } })).toEqual({
      httpRequest: { headers: { cookie: ["a=1", "b=2", "c=3"] } },
    });
  });

  it("does not lose entries that have no name, nor count them to the one before", () => {
    expect(
      byName({
        nonTerminatingMatchingRules: [{ ruleId: "one", action: "COUNT" }, { action: "a" }, { action: "b" }, "text"],
      }),
    ).toEqual({
      nonTerminatingMatchingRules: { one: { action: "COUNT" }, 1: { action: "a" }, 2: { action: "b" }, 3: "text" },
    });
  });

  it("has rule groups by id, and their rules by id within", () => {
    expect(
      byName({
        ruleGroupList: [
          {
            ruleGroupId: "AWS#AWSManagedRulesSQLiRuleSet",
            terminatingRule: { ruleId: "SQLi_QUERYARGUMENTS", action: "BLOCK" },
            nonTerminatingMatchingRules: [
              { exclusionType: "REGULAR", ruleId: "first" },
              { exclusionType: "REGULAR", ruleId: "second" },
            ],
            excludedRules: [{ exclusionType: "EXCLUDED_AS_COUNT", ruleId: "GenericRFI_BODY" }],
          },
          { ruleGroupId: "other", terminatingRule: null, nonTerminatingMatchingRules: [], excludedRules: null },
        ],
      }),
    ).toEqual({
      ruleGroupList: {
        "AWS#AWSManagedRulesSQLiRuleSet": {
          terminatingRule: { SQLi_QUERYARGUMENTS: { action: "BLOCK" } },
          nonTerminatingMatchingRules: {
            first: { exclusionType: "REGULAR" },
            second: { exclusionType: "REGULAR" },
          },
          excludedRules: { GenericRFI_BODY: { exclusionType: "EXCLUDED_AS_COUNT" } },
        },
        other: { terminatingRule: null, nonTerminatingMatchingRules: {}, excludedRules: null },
      },
    });
  });

  it("has rate-based rules by name", () => {
    expect(
      byName({ rateBasedRuleList: [{ rateBasedRuleName: "limit", limitKey: "IP", maxRateAllowed: 300 }] }),
    ).toEqual({
      rateBasedRuleList: { limit: { limitKey: "IP", maxRateAllowed: 300 } },
    });
  });

  it("keeps everything else as it was written", () => {
    const log =
      '{ "price":1.10,"id":12345678901234567890,"ruleGroupList":[{"ruleGroupId":"g"}],"a":"\\u00e9","b":[ ] }\n';
    expect(wafLogByName(log)).toBe(log.replace('[{"ruleGroupId":"g"}]', '{"g":{}}'));
  });

  it.each([
    "text",
    "",
    "[]",
    "null",
    '"httpRequest"',
    "1",
    "[{}]",
    "{}",
    '{"httpRequest":null}',
    '{"httpRequest":"x","ruleGroupList":{},"rateBasedRuleList":[],"nonTerminatingMatchingRules":null}',
    '{"httpRequest":{"headers":{}}}',
    '{"httpRequest":{"headers":[{"name":"a","value":"b"}]}',
    `{"httpRequest":{"headers":[${"[".repeat(100_000)}${"]".repeat(100_000)}]}}`,
  ])("stays as it came when it is none: %.60s", (message) => {
    expect(wafLogByName(message)).toBeUndefined();
  });

  it("may have headers with the names of prototypes", () => {
    const text = wafLogByName('{"httpRequest":{"headers":[{"name":"__proto__","value":"x"}]}}');
    expect(text).toBe('{"httpRequest":{"headers":{"__proto__":"x"}}}');
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it("loses no header and adds none, whatever the names and values", () => {
    const aHeader = fc.record({ name: fc.constantFrom("a", "b", "1", "constructor"), value: fc.string() });
    fc.assert(
      fc.property(fc.array(aHeader, { minLength: 1 }), (headers) => {
        const { httpRequest } = byName({ httpRequest: { headers } }) as {
          httpRequest: { headers: Record<string, string | string[]> };
        };
        for (const name of new Set(headers.map((header) => header.name))) {
          const values = headers.filter((header) => header.name === name).map(({ value }) => value);
          expect([httpRequest.headers[name]].flat()).toEqual(values);
        }
        expect(Object.values(httpRequest.headers).flat()).toHaveLength(headers.length);
      }),
    );
  });
});
