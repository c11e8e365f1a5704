import { differencesOf } from "../../src/destinations/datadog-item-differences.ts";

const NOTHING = new Set<string>();
const AN_ITEM = { id: "1", message: "m", ddtags: "a:b,env:prod", aws: { awslogs: { logGroup: "g" } } };

function differences(change: object, leaveOut = NOTHING) {
  return differencesOf({ ...AN_ITEM, ...change }, AN_ITEM, leaveOut).map(({ field, kind }) => `${field} ${kind}`);
}

describe("two items", () => {
  it.each([
    [{}, []],
    [{ service: "s" }, ["service only ours"]],
    [{ message: undefined }, ["message only theirs"]],
    [{ aws: { awslogs: { logGroup: "h" } } }, ["aws.awslogs.logGroup changed"]],
    [{ dd: { trace_id: "1", span_id: "2" } }, ["dd only ours"]],
    [{ ddtags: "env:prod,a:b" }, ["ddtags order"]],
    [{ ddtags: "a:b,env:dev" }, ["ddtags.env changed"]],
    [{ ddtags: "env:prod" }, ["ddtags.other only theirs"]],
    [{ ddtags: "a:b,env:prod,region:x" }, ["ddtags.region only ours"]],
  ])("with %j changed differ in %j", (change, expected) => {
    expect(differences(change)).toEqual(expected);
  });

  it("show no name that is a customer's", () => {
    expect(differences({ secretKey: 1, ddtags: "a:b,env:prod,secret:1" })).toEqual([
      "other only ours",
      "ddtags.other only ours",
    ]);
  });

  it("say the same where a message that is JSON was written again, and where a field is left out", () => {
    const item = { message: '{"a": 1.10}' };
    expect(differencesOf(item, { message: '{"a":1.1}' }, NOTHING)).toEqual([]);
    expect(differencesOf(item, { message: '{"a":1.2}' }, NOTHING)).toHaveLength(1);
    expect(differences({ message: "n" }, new Set(["message"]))).toEqual([]);
  });
});
