import type { CommandEntry, Terminal } from "./command.ts";

declare const __VERSION__: string;

/**
 * Runs the command that the arguments name.
 *
 * @param args as in `process.argv`, from the command's name on
 * @returns the exit code: 0, 1 when something does not work, 2 for a wrong command line
 */
export async function runCommandLine(
  args: string[],
  commands: Readonly<Record<string, CommandEntry>>,
  terminal: Terminal,
): Promise<number> {
  const [name = "--help", ...rest] = args;
  if (name === "--help" || name === "-h" || name === "help") {
    terminal.print(usageOf(commands));
    return args.length === 0 ? 2 : 0;
  }
  if (name === "--version") {
    terminal.print(`${__VERSION__}\n`);
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) {
    terminal.warn(`There is no command ${JSON.stringify(name)}.\n\n${usageOf(commands)}`);
    return 2;
  }
  const command = await entry.load();
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.print(command.usage);
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    terminal.warn(textOf(error, command.usage));
    return (error as Error).name === "UsageError" ? 2 : 1;
  }
}

function usageOf(commands: Readonly<Record<string, CommandEntry>>): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: log-trace-forwarder <command> [options]

${lines.join("\n")}

  --help      show this; behind a command, its options
  --version   show the version
`;
}

/** A command is a bundle of its own, with its own classes of errors: they are told by their fields. */
function textOf(error: unknown, usage: string): string {
  const { name, message, stack, remedy } = error as Error & { remedy?: unknown };
  if (name === "UsageError") return `${message}\n\n${usage}`;
  if (typeof remedy === "string") return `Error: ${message}\n${remedy}\n`;
  return `Error: ${stack ?? error}\n`;
}
