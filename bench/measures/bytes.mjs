/** What goes over the wire, in bytes and requests, beside a model of what the Datadog Forwarder sends. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { datadogForwarderLogs } from "../datadog-forwarder-bytes.mjs";
import { cell, figure, number } from "../figures.mjs";

/** @param {import("../run.mjs").Bench} bench */
export async function measureBytes({ workspace, deliveries, progress }) {
  const figures = [];
  const rows = [];
  for (const name of deliveries) {
    progress(`bytes ${name}`);
    const prepared = await workspace.named(name);
    const logs = sentTo(prepared, "/logs");
    const traces = sentTo(prepared, "/traces");
    const other = datadogForwarderLogs(envelopeOf(prepared), idsOf(logs.bodies));
    const otherBytes = other.bytes + traces.rawBytes;
    const ratio = figure(
      `bytes.${name}/datadog`,
      `${name}: bytes ÷ Datadog Forwarder's`,
      (logs.bytes + traces.bytes) / otherBytes,
    );
    const logsRatio = figure(
      `bytes.${name}/datadog-logs`,
      `${name}: bytes of logs ÷ Datadog Forwarder's`,
      logs.bytes / other.bytes,
    );
    const requests = figure(`requests.${name}`, `${name}: requests`, prepared.sent.length, "");
    const perIn = figure(
      `bytes.${name}/in`,
      `${name}: bytes out ÷ gzip bytes in`,
      (logs.bytes + traces.bytes) / prepared.facts.gzipBytes,
    );
    figures.push(ratio, logsRatio, requests, perIn);
    rows.push([
      name,
      number(prepared.facts.gzipBytes),
      number(logs.bytes),
      number(other.bytes),
      cell(logsRatio),
      number(traces.bytes),
      number(traces.rawBytes),
      cell(ratio),
      `${number(logs.bodies.length)} / ${number(other.requests)}`,
      number(traces.bodies.length),
      cell(perIn),
    ]);
  }
  return {
    figures,
    tables: [
      {
        title: "Bytes and requests out",
        note: "Bytes of bodies. The Datadog Forwarder's (DF) are a model, bench/datadog-forwarder-bytes.mjs, for the same logs and spans; it sends logs with other metadata and no added trace ids, and traces without compression.",
        columns: [
          "delivery",
          "gzip in",
          "logs",
          "logs, DF",
          "÷ DF",
          "traces",
          "traces, DF",
          "all ÷ DF",
          "log requests / DF",
          "trace requests",
          "out ÷ in",
        ],
        rows,
      },
    ],
  };
}

/** Everything sent to paths with that end. */
function sentTo({ sent }, ending) {
  const bodies = sent.filter(({ path }) => path.endsWith(ending));
  const total = (of) => bodies.reduce((sum, body) => sum + of(body), 0);
  return { bodies, bytes: total(({ wireBytes }) => wireBytes), rawBytes: total(({ raw }) => raw.length) };
}

function envelopeOf({ event }) {
  const { awslogs } = JSON.parse(readFileSync(event, "utf8"));
  return JSON.parse(gunzipSync(Buffer.from(awslogs.data, "base64")));
}

function idsOf(bodies) {
  return new Set(bodies.flatMap(({ raw }) => JSON.parse(raw.toString()).map(({ id }) => id)));
}
