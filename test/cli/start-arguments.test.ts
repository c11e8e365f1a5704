import { parseStartArguments } from "../../src/cli/start-arguments.ts";
import { UsageError } from "../../src/cli/usage-error.ts";

describe("the command line of start", () => {
  it("needs nothing", () => {
    expect(parseStartArguments([])).toMatchObject({ once: false, json: false, port: 0 });
  });

  it("takes --once, --json and --port", () => {
    const expected = { once: true, json: true, port: 8126 };
    expect(parseStartArguments(["--json", "--port", "8126", "--once"])).toMatchObject(expected);
    expect(parseStartArguments(["--json", "--port=8126", "--once"])).toMatchObject(expected);
  });

  it("takes where the intake listens, and under which names", () => {
    expect(parseStartArguments([])).toMatchObject({ host: "127.0.0.1", allowedHosts: [], intakeOnly: false });
    const args = ["--intake-only", "--host", "0.0.0.0", "--allow-host", "My-Machine", "--allow-host", "other"];
    expect(parseStartArguments(args)).toMatchObject({
      host: "0.0.0.0",
      allowedHosts: ["my-machine", "other"],
      intakeOnly: true,
    });
  });

  it("takes what is read, the function that printed it, and what becomes of it", () => {
    expect(parseStartArguments([])).toMatchObject({ source: "", open: "", save: "", logGroup: "/aws/lambda/local" });
    const args = ["-", "--function", "cart", "--open", "a.ndjson", "--save", "b.ndjson", "--query", "status:error"];
    expect(parseStartArguments(args)).toMatchObject({
      ...{ source: "-", logGroup: "/aws/lambda/cart", open: "a.ndjson", save: "b.ndjson", query: "status:error" },
    });
    expect(parseStartArguments(["out.log", "--function", "/mine"])).toMatchObject({
      source: "out.log",
      logGroup: "/mine",
    });
  });

  it.each([
    [["--intake-only", "--once"], /no rounds/],
    [["--never"], /--never/],
    [["a", "b"], /one file/],
    [["-", "--intake-only"], /reads nothing/],
    [["--query", "a"], /what is read/],
    [["-", "--query", "(a"], /--query: .*missing/],
    [["--port"], /--port/],
    [["--port", "lots"], /0 to 65535, got "lots"/],
    [["--port", "65536"], /0 to 65535/],
    [["--port="], /0 to 65535/],
    [["--port", "0x50"], /0 to 65535/],
  ])("refuses %j and says why", (args, why) => {
    expect(() => parseStartArguments(args)).toThrow(UsageError);
    expect(() => parseStartArguments(args)).toThrow(why);
  });
});
