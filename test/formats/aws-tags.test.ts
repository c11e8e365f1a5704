import fc from "fast-check";
import { datadogTag } from "../../src/formats/aws-tags.ts";

describe("an AWS tag as Datadog writes it", () => {
  // The Datadog Forwarder's own answers.
  it.each([
    ["team", "serverless", "team:serverless"],
    ["Team", "ServerLess", "team:serverless"],
    ["s+e@rv_erl_ess", "s+e@rv_erl_ess", "s_e_rv_erl_ess:s_e_rv_erl_ess"],
    ["serverl___ess", "a _ _ b", "serverl_ess:a_b"],
    ["ser-/.ver_less", "ser-/.ver_less", "ser-/.ver_less:ser-/.ver_less"],
    ["aws:cloudformation:stack-name", "x", "aws_cloudformation_stack-name:x"],
    ["url", "https://a.b/c?d", "url:https://a.b/c_d"],
    ["123_team", "123_a", "team:123_a"],
    ["_team_", "_a_", "team:_a"],
    ["-team", "-a", "-team:-a"],
    ["équipe", "Zürich", "équipe:zürich"],
    ["部门", "東京 ٣", "部门:東京_٣"],
    ["_٣team", "x", "team:x"],
    ["٣team", "x", "٣team:x"],
    ["İ", "x", "i:x"],
    ["team", "", "team"],
    ["a,b", "c,d", "a_b:c_d"],
    ["1", "x", ":x"],
  ])("%s = %s is %s", (key, value, tag) => {
    expect(datadogTag(key, value)).toBe(tag);
  });

  it("is the key alone when nothing of the value is left, and nothing when of neither", () => {
    expect(datadogTag("team", "___")).toBe("team");
    expect(datadogTag("123", "")).toBe("");
    expect(datadogTag("?", "!")).toBe("");
  });

  it("is cut between characters", () => {
    expect(datadogTag("key", "a".repeat(256), 200)).toBe(`key:${"a".repeat(196)}`);
    expect(datadogTag("key", "𐐨".repeat(256), 200)).toBe(`key:${"𐐨".repeat(196)}`);
    expect(datadogTag("key", "a".repeat(256))).toHaveLength(260);
  });

  it("has nothing in it that ends a tag or is lost at the intake, whatever the tag is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (key, value) => {
        const tag = datadogTag(key, value);
        expect(tag).toMatch(/^[\p{L}\p{N}_:\-./]*$/u);
        expect(tag).not.toMatch(/__|_$|^[_0-9]/);
        expect(tag).toBe(tag.toLowerCase());
      }),
    );
  });

  it("takes time in proportion to the tag's length", () => {
    expect(datadogTag("_1".repeat(100_000), "_ ".repeat(100_000))).toBe("");
  });
});
