import fc from "fast-check";
import { type Position, sweep } from "../../src/subscriptions/sweep.ts";
import {
  aJob,
  anOnlooker,
  foreign,
  named,
  ourName,
  ours,
  someLogGroups,
  streamArn,
  unhurried,
} from "../helpers/log-groups.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const twelve = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`/g/${String.fromCharCode(97 + at)}`, {}]));

describe("a sweep over log groups", () => {
  it("subscribes all that are chosen, on every page, and no other", async () => {
    const api = someLogGroups({ ...twelve, "/h/a": {} });
    await run(aJob({ prefixes: ["/g/"], exclude: ["/g/c*"] }), api);
    expect(Object.keys(api.all())).toEqual(Object.keys(twelve).filter((name) => name !== "/g/c"));
  });

  it("changes nothing when it is repeated", async () => {
    const api = someLogGroups(twelve);
    await run(aJob(), api);
    api.changes.length = 0;
    const { statuses } = await run(aJob(), api);
    expect(new Set(Object.values(statuses()))).toEqual(new Set(["already"]));
    expect(api.changes).toEqual([]);
  });

  it("changes nothing in a dry run, and finds what the sweep then finds", async () => {
    const given = {
      full: { filters: [foreign("a"), foreign("b")] },
      half: { filters: [foreign("a")] },
      none: {},
      done: { filters: [ours] },
      twice: { filters: [ours, { ...ours, name: "by-hand" }] },
      out: { filters: [ours] },
    };
    const job = aJob({ exclude: ["out"] });
    const dry = someLogGroups(given);
    const foretold = (await run({ ...job, isDryRun: true }, dry)).statuses();
    expect(dry.changes).toEqual([]);
    expect((await run(job, someLogGroups(given))).statuses()).toEqual(foretold);
    expect(foretold).toEqual({
      full: "left",
      half: "subscribed",
      none: "subscribed",
      done: "already",
      twice: "removed",
      out: "removed",
    });
  });

  it("says in a dry run that a log group may be full, and that it is where no quota takes more", async () => {
    const some = (count: number) => ({ filters: "abcde".slice(0, count).split("").map(foreign) });
    const { findings } = await run({ ...aJob(), isDryRun: true }, someLogGroups({ two: some(2), five: some(5) }));
    expect(findings).toEqual([
      { logGroup: "five", status: "left", why: expect.stringContaining("CloudWatch Logs takes no more") },
      {
        logGroup: "two",
        status: "left",
        why: expect.stringMatching(/all the same where .* quota is 5, and not .* 2$/),
      },
    ]);
  });

  it("never subscribes its own log groups, nor those of functions that CloudWatch Logs may invoke", async () => {
    const names = ["/aws/lambda/forwarder", "/aws/lambda/forwarder-subscribe", "/aws/lambda/other", "/aws/lambda/api"];
    const api = someLogGroups(Object.fromEntries(names.map((name) => [name, {}])), ["other", "forwarder"]);
    const { statuses } = await run(aJob({}, { ownLogGroups: ["/aws/lambda/forwarder-subscribe"] }), api);
    expect(Object.keys(api.all())).toEqual(["/aws/lambda/api"]);
    expect(Object.values(statuses()).filter((status) => status === "refused")).toHaveLength(3);
  });

  it("takes the filter of a log group away when its function has become a forwarder", async () => {
    const api = someLogGroups({ "/aws/lambda/other": { filters: [ours] } }, ["other"]);
    expect((await run(aJob(), api)).statuses()).toEqual({ "/aws/lambda/other": "refused" });
    expect(api.all()).toEqual({});
  });

  it("makes room only by what it may replace, and puts that back when there is no room even then", async () => {
    const { putFilter, ...rest } = someLogGroups({ a: { filters: [foreign("x"), foreign("y")] } });
    const job = aJob({}, { replaceable: [streamArn("x")] });
    const api = { ...rest, putFilter };
    expect((await run(job, api)).statuses()).toEqual({ a: "replaced" });
    expect(api.all()).toEqual({ a: ["y", ourName] });

    const narrow = someLogGroups({ a: { filters: [foreign("x"), foreign("y")] } });
    const put = narrow.putFilter;
    narrow.putFilter = async (name, filter) => {
      if (filter.name === ourName) throw named("LimitExceededException");
      await put(name, filter);
    };
    expect((await run(job, narrow)).statuses()).toEqual({ a: "left" });
    expect(narrow.all()).toEqual({ a: ["y", "x"] });
  });

  it("goes on after a log group that fails, and after one that went meanwhile", async () => {
    const api = someLogGroups({ a: {}, b: {}, c: {} });
    const { filters } = api;
    api.filters = async (name) => {
      if (name === "a") throw named("AccessDeniedException", "no right\nmore");
      if (name === "b") throw named("ResourceNotFoundException");
      return filters(name);
    };
    const { findings } = await run(aJob(), api);
    expect(findings).toEqual([
      { logGroup: "a", status: "failed", why: "AccessDeniedException: no right" },
      { logGroup: "c", status: "subscribed", why: "" },
    ]);
  });

  it("takes away what was chosen before and is no more, and leaves what nobody chose", async () => {
    const api = someLogGroups({ "/a/x": { filters: [ours] }, "/b/x": {}, "/c/x": { filters: [ours] } });
    const former = aJob({ prefixes: ["/a/"] }).choice;
    await run(aJob({ prefixes: ["/b/"] }, { former }), api);
    expect(Object.keys(api.all())).toEqual(["/b/x", "/c/x"]);
  });

  it("takes away what it made everywhere, and nothing else, when nothing is chosen", async () => {
    const api = someLogGroups({ a: { filters: [ours, foreign("x")] }, b: { filters: [ours] }, c: {} });
    const { statuses } = await run(aJob({}, { choice: undefined }), api);
    expect(statuses()).toEqual({ a: "removed", b: "removed" });
    expect(api.all()).toEqual({ a: ["x"] });
  });

  it("looks at tags of log groups that their names do not leave out", async () => {
    const tags = { forward: "true" };
    const api = someLogGroups({ "/a/x": { tags }, "/a/y": {}, "/b/x": { tags } });
    const asked: string[] = [];
    const read = api.tags;
    api.tags = async (arn) => {
      asked.push(arn);
      return read(arn);
    };
    await run(aJob({ prefixes: ["/a/"], tags: ["forward=true"] }), api);
    expect(asked).toEqual(["arn:/a/x", "arn:/a/y"]);
    expect(Object.keys(api.all())).toEqual(["/a/x"]);
  });

  it("leaves log groups of a class that takes no filter", async () => {
    const api = someLogGroups({ a: { logClass: "INFREQUENT_ACCESS" } });
    expect((await run(aJob(), api)).statuses()).toEqual({ a: "left" });
  });

  it("does each log group once, however often it runs out of time", async () => {
    const names = fc.uniqueArray(fc.string({ unit: fc.constantFrom("a", "b", "/"), minLength: 1, maxLength: 5 }), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(names, fc.array(fc.nat(6), { maxLength: 40 }), async (all, patiences) => {
        const api = someLogGroups(Object.fromEntries(all.map((name) => [name, {}])));
        const onlooker = anOnlooker();
        let position: Position | undefined = { prefixAt: 0, token: "", after: "" };
        for (let at = 0; position; at++) {
          let questions = patiences[at] ?? 99;
          const msLeft = () => (questions-- > 0 ? 99_999 : 0);
          position = await sweep(aJob({ prefixes: ["a", "b"] }), api, { ...unhurried, msLeft }, onlooker, position);
        }
        const chosen = all.filter((name) => /^[ab]/.test(name)).sort();
        expect(onlooker.findings.map(({ logGroup }) => logGroup)).toEqual(chosen);
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});

async function run(job: Parameters<typeof sweep>[0], api: Parameters<typeof sweep>[1]) {
  const onlooker = anOnlooker();
  expect(await sweep(job, api, unhurried, onlooker)).toBeUndefined();
  return onlooker;
}
