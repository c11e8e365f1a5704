import type { Following } from "../../../src/cli/live/follow.ts";
import { followAll, type Wanted } from "../../../src/cli/live/follow-all.ts";
import { AwsError } from "../../emulator/service.ts";
import { aFollowing, until } from "./a-following.ts";

let following: Awaited<ReturnType<typeof aFollowing>>;
beforeEach(async () => {
  following = await aFollowing({ lookMs: 10 });
});
afterEach(() => following.end());

/** Follows until `stop`; fails with what it fails with. */
function followed(wanted: Partial<Wanted>, world: Partial<Following> = {}): Promise<void> {
  const all = { groups: [], patterns: [], awaited: [], poll: false, ...wanted };
  return followAll(all, Date.now(), { ...following.world, ...world });
}

describe("following log groups that are made later", () => {
  it.each([false, true])("follows what becomes like a pattern, from its first event on (poll: %s)", async (poll) => {
    const { messages, said } = following;
    const work = followed({ groups: [await following.group("/shop/a")], patterns: ["/shop/*"], poll });
    following.write("/shop/a", "1");
    await until(() => messages.length === 1);
    await following.group("/other");
    await following.group("/shop/b");
    following.write("/shop/b", "2");
    await until(() => messages.length === 2);
    following.write("/shop/b", "3");
    await until(() => messages.length === 3);
    following.stop();
    await work;
    expect(messages).toEqual(["1", "2", "3"]);
    expect(said).toEqual(["following /shop/b too"]);
    expect(following.emulator.logs.liveTail.started()).toBe(poll ? 0 : 2);
  });

  it("follows a function of a stack from the time on when it has a log group, and looks no more then", async () => {
    const { emulator, messages, said } = following;
    const work = followed({ groups: [await following.group("/aws/lambda/a")], awaited: ["b"] });
    await until(() => emulator.logs.calls("DescribeLogGroups") > 1);
    await following.group("/aws/lambda/b");
    following.write("/aws/lambda/b", "hello");
    await until(() => messages.length === 1);
    const looks = emulator.logs.calls("DescribeLogGroups");
    following.write("/aws/lambda/b", "again");
    await until(() => messages.length === 2);
    following.stop();
    await work;
    expect(said).toEqual(["following /aws/lambda/b too"]);
    expect(emulator.logs.calls("DescribeLogGroups")).toBe(looks);
  });

  it("says once where it cannot look, and looks again", async () => {
    const { emulator, messages, said } = following;
    emulator.logs.failNext("DescribeLogGroups", new AwsError("InvalidParameterException", "odd"), 3);
    const work = followed({ groups: [await following.group("/shop/a")], patterns: ["/shop/*"] });
    await following.group("/shop/b");
    following.write("/shop/b", "1");
    await until(() => messages.length === 1);
    following.stop();
    await work;
    expect(said).toEqual([
      expect.stringMatching(/^cannot list log groups: .*odd; looking for new log groups again$/),
      "following /shop/b too",
    ]);
  });

  it("follows no more log groups than it may", async () => {
    const { said } = following;
    const arnOf = (name: string): string => `arn:aws:logs:eu-west-1:123456789012:log-group:${name}`;
    const many = Array.from({ length: 499 }, (_, at) => ({ name: `/x/${at}`, arn: arnOf(`/x/${at}`), isTailed: true }));
    for (const name of ["/y/1", "/y/2", "/y/3"]) await following.group(name);
    // What is read of the others does not matter here.
    const work = followed({ groups: many, patterns: ["/y/*"], poll: true }, { fromMs: Number.MAX_SAFE_INTEGER });
    await until(() => said.some((text) => text.startsWith("there are more than 500")));
    following.stop();
    await work;
    expect(said.filter((text) => text.startsWith("following"))).toEqual(["following /y/1 too"]);
  });

  it("ends where nothing is left to follow, and fails where it may not read", async () => {
    const { emulator } = following;
    const gone = { name: "/gone", arn: "arn:aws:logs:eu-west-1:123456789012:log-group:/gone", isTailed: false };
    await followed({ groups: [gone] });
    const group = await following.group("/later", false);
    emulator.logs.failNext("FilterLogEvents", new AwsError("AccessDeniedException", "no"), 9);
    await expect(followed({ groups: [], patterns: [group.name] })).rejects.toThrow("cannot read /later");
  });
});
