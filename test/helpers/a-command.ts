import { spawn } from "node:child_process";

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The built command line as a process of its own. */
export function aCommand(args: string[], given: { env?: Record<string, string>; cwd?: string; main: string }) {
  const child = spawn(process.execPath, [given.main, ...args], {
    env: { PATH: process.env.PATH ?? "", HOME: given.cwd ?? "", NODE_NO_WARNINGS: "1", ...given.env },
    ...(given.cwd && { cwd: given.cwd }),
    stdio: "pipe",
  });
  const output = { stdout: "", stderr: "" };
  const looks = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const look of looks) look();
    });
  }
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, ...output })));
  return { child, ended, output, until };

  /** Ends when a text stands in what was printed. */
  function until(text: string, name: "stdout" | "stderr" = "stdout"): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no "${text}" within 20 seconds: ${output.stdout}${output.stderr}`)),
        20_000,
      );
      const look = () => {
        if (!output[name].includes(text)) return;
        clearTimeout(timer);
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      child.once("close", () => clearTimeout(timer));
      child.once("close", () => reject(new Error(`ended without "${text}": ${output.stdout}${output.stderr}`)));
      look();
    });
  }
}
