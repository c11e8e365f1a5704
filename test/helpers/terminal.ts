import path from "node:path";
import type { Terminal } from "../../src/cli/command.ts";

export interface TestTerminal extends Terminal {
  printed(): string;
  warned(): string;
}

/** A terminal that keeps what is printed. @param input what standard input holds */
export function aTerminal(input: string | Buffer = ""): TestTerminal {
  const output = { printed: "", warned: "" };
  return {
    root: path.join(__dirname, "../.."),
    env: {},
    print: (text) => {
      output.printed += text;
    },
    warn: (text) => {
      output.warned += text;
    },
    readInput: async () => Buffer.from(input),
    columns: 120,
    isColoured: false,
    printed: () => output.printed,
    warned: () => output.warned,
  };
}
