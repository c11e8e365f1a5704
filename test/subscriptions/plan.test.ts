import { filterNameOf } from "../../src/subscriptions/log-groups.ts";
import { ownFilters, planFor } from "../../src/subscriptions/plan.ts";
import { foreign, forwarder, functionArn, ourName, ours, streamArn } from "../helpers/log-groups.ts";

const ofStack = { name: "stack-SubscriptionAwsLambdaA1-XYZ", destinationArn: functionArn, pattern: "" };
const manual = { name: "by-hand", destinationArn: `${functionArn}:live`, pattern: "" };

describe("what becomes of a log group's filters", () => {
  it("names its filters after the forwarder, whatever version is subscribed", () => {
    expect(filterNameOf(forwarder)).toBe(ourName);
    expect(filterNameOf({ ...forwarder, functionArn: `${functionArn}:live` })).toBe(ourName);
  });

  it("puts one where there is none, beside those of others", () => {
    expect(planFor([], forwarder, [])).toEqual({ status: "subscribed", why: "", puts: true, removed: [] });
    expect(planFor([foreign("a")], forwarder, [])).toMatchObject({ puts: true, removed: [] });
  });

  it("leaves it where there is one, its own or somebody's, to the function or a version of it", () => {
    expect(planFor([ours], forwarder, [])).toEqual({ status: "already", why: "", puts: false, removed: [] });
    expect(planFor([manual], forwarder, [])).toMatchObject({ status: "already", puts: false, removed: [] });
  });

  it("does not widen a filter that somebody gave a pattern", () => {
    const narrow = { ...ours, pattern: "ERROR" };
    expect(planFor([narrow], forwarder, [])).toMatchObject({ puts: false, why: expect.stringContaining('"ERROR"') });
  });

  it("takes its own away where another filter brings every event, and keeps it where that one has a pattern", () => {
    expect(planFor([ours, manual], forwarder, [])).toMatchObject({ status: "removed", puts: false, removed: [ours] });
    expect(planFor([ours, { ...manual, pattern: "x" }], forwarder, [])).toMatchObject({
      status: "already",
      removed: [],
    });
  });

  it("takes the place of what the forwarder's own stack made, which CloudFormation is about to delete", () => {
    expect(planFor([ofStack, foreign("a")], forwarder, [])).toMatchObject({ puts: true, removed: [ofStack] });
    expect(planFor([ofStack, ours], forwarder, [])).toMatchObject({
      status: "already",
      puts: false,
      removed: [ofStack],
    });
    expect(planFor([ofStack], { ...forwarder, stackName: "" }, [])).toMatchObject({ status: "already", removed: [] });
  });

  it("replaces what leads to a destination that is named, by name or ARN, and nothing else", () => {
    const old = { name: "dd", destinationArn: functionArn.replace(/forwarder$/, "DatadogForwarder"), pattern: "" };
    const filters = [old, foreign("a")];
    expect(planFor(filters, forwarder, ["DatadogForwarder"])).toMatchObject({ status: "replaced", removed: [old] });
    expect(planFor(filters, forwarder, [streamArn("a")])).toMatchObject({
      status: "replaced",
      removed: [foreign("a")],
    });
    expect(planFor(filters, forwarder, ["Datadog", streamArn("b")])).toMatchObject({
      status: "subscribed",
      removed: [],
    });
  });

  it("knows what subscribing made by its name and where it leads", () => {
    expect(ownFilters([ours, manual, ofStack, { ...ours, destinationArn: streamArn("a") }], forwarder)).toEqual([ours]);
  });
});
