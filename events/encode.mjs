// Writes events/<case>.json, the event as CloudWatch Logs sends it to a function, from its readable twin
// events/decoded/<case>.json:  node events/encode.mjs
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const decoded = new URL("decoded/", import.meta.url);
for (const file of readdirSync(decoded)) {
  const delivery = JSON.parse(readFileSync(new URL(file, decoded), "utf8"));
  const data = gzipSync(JSON.stringify(delivery), { level: 9 }).toString("base64");
  writeFileSync(new URL(file, import.meta.url), `${JSON.stringify({ awslogs: { data } }, undefined, 2)}\n`);
}
