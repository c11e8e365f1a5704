import { type GivenOptions, liveOptions, parseLiveArguments } from "../../../src/cli/live/live-arguments.ts";
import { readProfile, saveProfile } from "../../../src/cli/live/profiles.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { aFolder, cleanUp } from "../a-function.ts";

afterEach(cleanUp);

describe("the command line of live", () => {
  it("takes what to follow and how", () => {
    const args = ["cart", "--pattern", "/a*", "--pattern", "/b*", "--stack", "shop", "--since", "15m", "--poll"];
    const { given } = parseLiveArguments([...args, "--terminal", "--port", "8126", "--query", "status:error"]);
    expect(liveOptions(given)).toMatchObject({
      ...{ names: ["cart"], patterns: ["/a*", "/b*"], stacks: ["shop"], sinceMs: 900_000 },
      ...{ poll: true, terminal: true, port: 8126, query: "status:error", otlp: "", save: "" },
    });
  });

  it("lets the command line win over a profile, also with --no-…", () => {
    const profile: GivenOptions = { names: ["cart"], poll: true, since: "1h", region: "eu-west-1" };
    const { given } = parseLiveArguments(["pay", "--no-poll", "--since", "90s"]);
    expect(liveOptions(given, profile)).toMatchObject({
      ...{ names: ["pay"], poll: false, sinceMs: 90_000, region: "eu-west-1" },
    });
  });

  it.each([
    [[], /Say what to follow/],
    [["a", "--since", "soon"], /--since must be a time such as 90s, 15m, 2h or 1d, got "soon"/],
    [["a", "--port", "lots"], /0 to 65535, got "lots"/],
    [["a", "--query", "(b"], /--query: .*missing/],
    [["a", "--otlp", "grpc://x"], /--otlp must be a URL/],
    [["a", "--otlp", "http://user:secret@x"], /--otlp must be a URL/],
    [["a", "--never"], /--never/],
  ])("refuses %j and says why", (args, why) => {
    const parse = () => liveOptions(parseLiveArguments(args as string[]).given);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(why as RegExp);
  });
});

describe("profiles", () => {
  it("are kept by name, beside others, whatever the name", () => {
    const folder = aFolder({});
    saveProfile("shop", { names: ["cart"], terminal: true }, folder);
    saveProfile("__proto__", { stack: ["s"] }, folder);
    expect(readProfile("shop", folder)).toEqual({ names: ["cart"], terminal: true });
    expect(readProfile("__proto__", folder)).toEqual({ stack: ["s"] });
    expect(() => readProfile("constructor", folder)).toThrow('there is no profile "constructor"');
  });

  it.each([
    ['{"live":{"p":{"poll":"yes"}}}', "poll must be true or false"],
    ['{"live":{"p":{"names":"a"}}}', "names must be a list of texts"],
    ['{"live":{"p":{"since":15}}}', "since must be a text"],
    ['{"live":{"p":{"sinse":"15m"}}}', 'there is no option "sinse"'],
    ['{"live":{"p":null}}', "it is no object"],
    ['{"live":[]}', 'is not {"live": {'],
    ["secret", 'is not {"live": {'],
  ])("that cannot be used are refused: %s", (text, why) => {
    const folder = aFolder({ ".log-trace-forwarder.json": text });
    expect(() => readProfile("p", folder)).toThrow(why);
    expect(() => readProfile("p", folder)).not.toThrow("secret");
  });
});
