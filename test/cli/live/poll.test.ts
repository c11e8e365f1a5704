import { followByPolling } from "../../../src/cli/live/poll.ts";
import { readBack } from "../../../src/cli/live/read-back.ts";
import { AwsError } from "../../emulator/service.ts";
import { aFollowing, until } from "./a-following.ts";

let following: Awaited<ReturnType<typeof aFollowing>>;
beforeEach(async () => {
  following = await aFollowing();
});
afterEach(() => following.end());

describe("following log groups by reading them again and again", () => {
  it("gives each event once, over pages and readings", async () => {
    const { emulator, world, messages, said } = following;
    emulator.logs.pages.size = 2;
    const groups = [await following.group("/a"), await following.group("/b", false)];
    following.write("/a", "1", "2", "3", "4", "5");
    const work = followByPolling(groups, Date.now(), world);
    await until(() => messages.length === 5);
    following.write("/b", "6");
    await until(() => messages.length === 6);
    following.stop();
    await work;
    expect(messages).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(said).toEqual([]);
  });

  it("waits where CloudWatch Logs is asked too often, and says so once", async () => {
    const { emulator, world, messages, said } = following;
    const group = await following.group("/a");
    following.write("/a", "1");
    // Other errors than those of throttling are not retried by the SDK.
    emulator.logs.failNext("FilterLogEvents", new AwsError("InvalidParameterException", "odd"), 2);
    const work = followByPolling([group], Date.now(), world);
    await until(() => messages.length === 1);
    following.stop();
    await work;
    expect(said).toEqual(["cannot read /a: InvalidParameterException: odd; trying again"]);
  });

  it("is not disturbed by throttling, which the SDK waits for", async () => {
    const { emulator, world, messages, said } = following;
    const group = await following.group("/a");
    following.write("/a", "1");
    emulator.logs.failNext("FilterLogEvents", new AwsError("ThrottlingException", "Rate exceeded"), 2);
    const work = followByPolling([group], Date.now(), world);
    await until(() => messages.length === 1);
    following.stop();
    await work;
    expect(said).toEqual([]);
    expect(emulator.logs.calls("FilterLogEvents")).toBeGreaterThan(2);
  });

  it("leaves out a log group that goes away, and ends with the last", async () => {
    const { world, said } = following;
    const arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/gone";
    await followByPolling([{ name: "/gone", arn, isTailed: true }], Date.now(), world);
    expect(said).toEqual(["/gone is there no more"]);
  });
});

describe("reading back", () => {
  it("reads from the wanted time on, and tells how far it is", async () => {
    const { emulator, world, messages } = following;
    const group = await following.group("/a");
    emulator.logs.write("/a", "stream", { timestamp: Date.now() - 60_000, message: "too old" });
    following.write("/a", "1", "2", "3");
    emulator.logs.pages.size = 2;
    const told: [string, boolean][] = [];
    const since = { ...world, fromMs: Date.now() - 30_000 };
    await readBack([group], since, (text, isDone) => told.push([text, isDone]));
    expect(messages).toEqual(["1", "2", "3"]);
    expect(told).toEqual([
      ["reading back log group 1 of 1: 0 log events", false],
      [expect.stringMatching(/^reading back log group 1 of 1: 2 log events, up to \d\d:\d\d:\d\d$/), false],
      [expect.stringMatching(/^reading back log group 1 of 1: 3 log events, up to \d\d:\d\d:\d\d$/), false],
      ["read back 3 log events of 1 log group", true],
    ]);
  });
});
