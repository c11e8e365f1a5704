import { CommandError } from "../../src/cli/command-error.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { commands } from "../../src/cli/commands.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { aTerminal } from "../helpers/terminal.ts";

describe("the command line", () => {
  it("lists the commands for --help, and where nothing or an unknown command is given", async () => {
    for (const [args, code] of [
      [["--help"], 0],
      [["-h"], 0],
      [[], 2],
    ] as [string[], number][]) {
      const terminal = aTerminal();
      expect(await runCommandLine(args, commands, terminal)).toBe(code);
      for (const name of Object.keys(commands)) expect(terminal.printed()).toContain(`\n  ${name} `);
    }
    const terminal = aTerminal();
    expect(await runCommandLine(["toString"], commands, terminal)).toBe(2);
    expect(terminal.warned()).toMatch(/^There is no command "toString"\.\n\nUsage: .*\n\n {2}start /);
  });

  it.each(["migrate", "explain"])("shows how %s is used, for --help and with what is wrong", async (name) => {
    const asked = aTerminal();
    expect(await runCommandLine([name, "--help"], commands, asked)).toBe(0);
    expect(asked.printed()).toMatch(new RegExp(`^Usage: log-trace-forwarder ${name} `));
    const mistyped = aTerminal();
    expect(await runCommandLine([name, "--colour"], commands, mistyped)).toBe(2);
    expect(mistyped.warned()).toMatch(/--colour[\s\S]*\n\nUsage: /);
    expect(mistyped.printed()).toBe("");
  });

  it("tells the version", async () => {
    const terminal = aTerminal();
    expect(await runCommandLine(["--version"], commands, terminal)).toBe(0);
    expect(terminal.printed()).toBe("0.0.0\n");
  });

  it("hands a command what follows its name, and gives its exit code", async () => {
    const seen: string[][] = [];
    const command = { usage: "Usage: it\n", run: async (args: string[]) => seen.push(args) + 2 };
    const one = { it: { summary: "one", load: async () => command } };
    expect(await runCommandLine(["it", "a", "--b"], one, aTerminal())).toBe(3);
    expect(seen).toEqual([["a", "--b"]]);
  });

  it.each([
    [new UsageError("--x?"), 2, "--x?\n\nUsage: it\n"],
    [new CommandError("it is shut", "Open it."), 1, "Error: it is shut\nOpen it.\n"],
  ])("ends with %s as its kind says", async (error, code, text) => {
    const failing = { usage: "Usage: it\n", run: () => Promise.reject(error) };
    const terminal = aTerminal();
    const one = { it: { summary: "one", load: async () => failing } };
    expect(await runCommandLine(["it"], one, terminal)).toBe(code);
    expect(terminal.warned()).toBe(text);
  });

  it("shows the stack of an error that nobody foresaw", async () => {
    const failing = { usage: "", run: () => Promise.reject(new TypeError("oh")) };
    const terminal = aTerminal();
    expect(await runCommandLine(["it"], { it: { summary: "", load: async () => failing } }, terminal)).toBe(1);
    expect(terminal.warned()).toMatch(/^Error: TypeError: oh\n {4}at /);
  });
});
