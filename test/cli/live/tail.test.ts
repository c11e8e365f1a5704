import { followByTail } from "../../../src/cli/live/tail.ts";
import { AwsError } from "../../emulator/service.ts";
import { aFollowing, until } from "./a-following.ts";

let following: Awaited<ReturnType<typeof aFollowing>>;
afterEach(() => following.end());

describe("following log groups by Live Tail", () => {
  it("gives each event once, also those of before the session that FilterLogEvents finds", async () => {
    following = await aFollowing();
    const { emulator, world, messages, said } = following;
    const groups = [await following.group("/a"), await following.group("/b")];
    following.write("/a", "before");
    const work = followByTail(groups, Date.now(), world);
    await until(() => messages.includes("before"));
    following.write("/a", "same");
    following.write("/b", "other");
    following.write("/a", "last");
    await until(() => messages.length === 4);
    expect(messages).toEqual(["before", "same", "other", "last"]);
    expect(emulator.logs.liveTail.open()).toHaveLength(1);
    following.stop();
    await work;
    expect(said).toEqual([]);
    await until(() => emulator.logs.liveTail.open().length === 0);
  });

  it.each(["timeout", "drop", "failure"] as const)(
    "begins again after a session's %s, and reads what came meanwhile",
    async (how) => {
      following = await aFollowing();
      const { emulator, world, messages, said } = following;
      const { liveTail } = emulator.logs;
      const work = followByTail([await following.group("/a")], Date.now(), world);
      await until(() => liveTail.open().length === 1);
      following.write("/a", "first");
      await until(() => messages.length === 1);
      liveTail.end(how);
      following.write("/a", "meanwhile");
      await until(() => messages.includes("meanwhile"));
      await until(() => liveTail.open().length === 1);
      following.write("/a", "afterwards");
      await until(() => messages.includes("afterwards"));
      following.stop();
      await work;
      expect(messages).toEqual(["first", "meanwhile", "afterwards"]);
      expect(liveTail.started()).toBe(2);
      expect(said).toEqual(
        how === "timeout" ? [] : [expect.stringMatching(/^Live Tail broke off .*; beginning again$/)],
      );
    },
  );

  it("begins a session again before it ends by itself", async () => {
    following = await aFollowing({ maxSessionMs: 50 });
    const { emulator, world, messages, said } = following;
    const work = followByTail([await following.group("/a")], Date.now(), world);
    await until(() => emulator.logs.liveTail.started() === 3);
    following.write("/a", "one");
    await until(() => messages.length > 0 && emulator.logs.liveTail.started() >= 5);
    following.stop();
    await work;
    expect(messages).toEqual(["one"]);
    expect(said).toEqual([]);
  });

  it("begins again where nothing is sent any more", async () => {
    following = await aFollowing({ maxSilenceMs: 50 });
    const { emulator, world, said } = following;
    const work = followByTail([await following.group("/a")], Date.now(), world);
    await until(() => emulator.logs.liveTail.started() === 2);
    following.stop();
    await work;
    expect(said[0]).toBe("Live Tail broke off (it sent nothing); beginning again");
  });

  it("says once that it shows a sample, and when it is over", async () => {
    following = await aFollowing();
    const { emulator, world, messages, said } = following;
    const work = followByTail([await following.group("/a")], Date.now(), world);
    await until(() => emulator.logs.liveTail.open().length === 1);
    emulator.logs.liveTail.isSampled = true;
    following.write("/a", "1", "2");
    await until(() => messages.length === 2);
    emulator.logs.liveTail.isSampled = false;
    following.write("/a", "3");
    await until(() => messages.length === 3);
    following.stop();
    await work;
    expect(said).toEqual([
      "Live Tail shows a sample of /a: there are over 500 log events a second; --poll reads all",
      "Live Tail shows all log events again",
    ]);
  });

  it.each([
    ["LimitExceededException", "LimitExceededException: too many"],
    ["AccessDeniedException", "there is no right logs:StartLiveTail"],
    ["NotEmulated", "NotEmulated: too many"],
  ])("reads again and again where Live Tail answers %s", async (code, reason) => {
    following = await aFollowing();
    const { emulator, world, messages, said } = following;
    emulator.logs.failNext("StartLiveTail", new AwsError(code, "too many"), 2);
    const work = followByTail([await following.group("/a")], Date.now(), world);
    following.write("/a", "one");
    await until(() => messages.length === 1);
    following.write("/a", "two");
    await until(() => messages.length === 2);
    following.stop();
    await work;
    expect(messages).toEqual(["one", "two"]);
    expect(said).toEqual([`Live Tail is not available (${reason}): reading /a every 0.02 s instead`]);
    expect(emulator.logs.liveTail.started()).toBe(0);
  });

  it("ends with a remedy where neither way is allowed", async () => {
    following = await aFollowing();
    const { emulator, world } = following;
    for (const operation of ["StartLiveTail", "FilterLogEvents"]) {
      emulator.logs.failNext(operation, new AwsError("AccessDeniedException", "User: me is not authorized"), 9);
    }
    await expect(followByTail([await following.group("/a")], Date.now(), world)).rejects.toMatchObject({
      message: "cannot read /a: AccessDeniedException: User: me is not authorized",
      remedy: expect.stringContaining("logs:StartLiveTail, logs:FilterLogEvents"),
    });
  });
});
