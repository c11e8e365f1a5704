/** What `log-trace-forwarder` and its commands agree on. */

/** Where a command is, and whom it talks to. */
export interface Terminal {
  /** The folder of this repository. */
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The answer. */
  print(text: string): void;
  /** What is not part of the answer. */
  warn(text: string): void;
  /** All of the standard input. */
  readInput(): Promise<Buffer>;
  /** Characters in a line. */
  columns: number;
  isColoured: boolean;
}

export interface Command {
  /** Shown for `--help`, and for a command line that cannot be used. */
  usage: string;
  /**
   * @param args what follows the command's name
   * @returns the exit code
   * @throws {UsageError} shown with the usage; exit code 2
   * @throws {CommandError} shown with its remedy; exit code 1
   */
  run(args: string[], terminal: Terminal): Promise<number>;
}

/** An entry of the registry. */
export interface CommandEntry {
  /** What it does, in a line. */
  summary: string;
  load(): Promise<Command>;
}
