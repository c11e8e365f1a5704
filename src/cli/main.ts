#!/usr/bin/env node
/** `log-trace-forwarder`: the local commands. */
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "./command-line.ts";
import { commands } from "./commands.ts";

const { stdout, stderr, stdin, env, argv } = process;
// Node 20 is enough for these commands; the AWS SDK would say at each of them that it will not always be.
env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
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
