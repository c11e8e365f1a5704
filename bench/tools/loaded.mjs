/**
 * Which files the first delivery of the built function loads. Job: `{forwarder, event}`. Reports their paths, relative to
 * the folder of the entry file.
 */
import { Session } from "node:inspector";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { loadFunction } from "./function.mjs";
import { job, readEvent, report } from "./measure.mjs";

const folder = path.dirname(job.forwarder);
const files = [];
const session = new Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params: { url } }) => {
  if (!url.startsWith("file:")) return;
  const file = path.relative(folder, fileURLToPath(url));
  if (!file.startsWith("..")) files.push(file);
});
session.post("Debugger.enable");

const { invoke, ledgers } = await loadFunction(job.forwarder);
await invoke(readEvent(job.event));
report({ files, ledger: ledgers()[0] });
