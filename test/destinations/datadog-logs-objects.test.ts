import { filter } from "../../src/transforms/filter.ts";
import { compilePattern } from "../../src/transforms/pattern.ts";
import { redactIp } from "../../src/transforms/redact.ts";
import { scrub } from "../../src/transforms/scrub.ts";
import { itemsOf, sampleEvent } from "../helpers/items.ts";

const EVENT = sampleEvent("eventbridge-guardduty");
const withDetail = (detail: unknown) => ({ ...EVENT, detail });
const replacing = (pattern: string) => {
  const compiled = compilePattern(pattern);
  const replacement = compiled.replacement("");
  return scrub([{ mayApply: () => true, apply: (text) => compiled.replace(text, replacement) }]);
};

describe("a log that came as an object", () => {
  it("arrives as it was, whatever characters and numbers it has", async () => {
    const detail = {
      texts: ['"\\\n\u2028', "é💥", "\ud83d", "}", ',"'],
      'a"b': [1.5, -0.001, 1e21, true, null, {}, []],
    };
    expect(await itemsOf(withDetail(detail))).toMatchObject([{ detail }]);
  });

  it("is filtered by its JSON, as it has no message", async () => {
    const passes = async (include: string): Promise<number> =>
      (await itemsOf(EVENT, {}, [filter({ include: compilePattern(include), exclude: undefined })])).length;
    expect(await passes('"type":"Recon:EC2')).toBe(1);
    expect(await passes("Trojan")).toBe(0);
  });

  it("stays an object when its texts are scrubbed, and they are looked at without their escapes", async () => {
    const detail = { inner: '{"ip":"1.2.3.4"}', list: ["1.2.3.4", 7] };
    expect(await itemsOf(withDetail(detail), {}, [scrub([redactIp])])).toMatchObject([
      { detail: { inner: '{"ip":"xxx.xxx.xxx.xxx"}', list: ["xxx.xxx.xxx.xxx", 7] }, ddsource: "guardduty" },
    ]);
    expect(await itemsOf(withDetail({ inner: 'a "secret" b' }), {}, [replacing('"secret"')])).toMatchObject([
      { detail: { inner: "a  b" } },
    ]);
  });

  it("is not lost when a rule leaves no JSON of it: it becomes a message, with id and time", async () => {
    const [item] = await itemsOf(EVENT, {}, [replacing('"detail":\\{')]);
    expect(item).toMatchObject({ id: EVENT.id, timestamp: Date.parse(EVENT.time), ddsource: "guardduty" });
    expect(item?.message).toContain('"schemaVersion":"2.0"');
    expect(item).not.toHaveProperty("detail-type");
  });

  it("is a message when a rule leaves nothing of it, or nothing in it", async () => {
    const rest = async (pattern: string): Promise<unknown> =>
      (await itemsOf({ detail: "x" }, {}, [replacing(pattern)]))[0]?.message;
    expect(await rest('"detail":"x"')).toBe("{}");
    expect(await rest("(?s).*")).toBe("");
  });

  it("is cut and marked as a message when it is larger than the intake takes", async () => {
    const [item] = await itemsOf(withDetail({ text: "é".repeat(600_000) }));
    expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThanOrEqual(1_000_000);
    expect(item?.message).toMatch(/^\{"version":"0".*é\.\.\.TRUNCATED\.\.\.$/);
    expect(item).toMatchObject({ truncated: expect.any(Number), id: EVENT.id, ddsource: "guardduty" });
  });

  it("of CloudTrail tells the instance that made the request as host", async () => {
    const userIdentity = { arn: "arn:aws:sts::123456789012:assumed-role/web/i-0123456789abcdef0" };
    expect(await itemsOf({ ...EVENT, source: "aws.cloudtrail", userIdentity })).toMatchObject([
      { host: "i-0123456789abcdef0", userIdentity },
    ]);
    const [item] = await itemsOf({ ...EVENT, source: "aws.cloudtrail" });
    expect(item).not.toHaveProperty("host");
  });
});
