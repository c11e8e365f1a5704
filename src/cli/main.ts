#!/usr/bin/env node
/** `log-trace-forwarder`: the local commands. */
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "./command-line.ts";
import { commands } from "./commands.ts";

const { stdout, stderr, stdin, env, argv } = process;
// Whoever reads the output may stop reading: `log-trace-forwarder explain … | head`.
stdout.on("error", () => undefined);

process.exitCode = await runCommandLine(argv.slice(2), commands, {
  root: path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../.."),
  env,
  print: (text) => void stdout.write(text),
  warn: (text) => void stderr.write(text),
  readInput: () => buffer(stdin),
  columns: stdout.isTTY ? stdout.columns : 160,
  isColoured: stdout.isTTY && !env.NO_COLOR,
});
