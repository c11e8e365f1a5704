// Runs before the tests of every file: loads what the function loads when it meets the first trace line, the first metric
// line and the first message with tags.
import { destinationsFor } from "../../src/destinations/index.ts";
import { loadMetricReader } from "../../src/formats/datadog-metric.ts";
import { traceFormats } from "../../src/formats/index.ts";
import { loadLogContexts } from "../../src/formats/log-context-reader.ts";
import { loadReader } from "../../src/formats/trace-format.ts";
import { loadRepair } from "../../src/pipeline.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import { A_FORWARDER, aConfig } from "./telemetry.ts";

beforeAll(async () => {
  await Promise.all([...traceFormats.map(loadReader), loadMetricReader(), loadLogContexts(), loadRepair()]);
  const rare = { tracePayloads: [{}], logs: [{}], slice: { text: 'ddtags\\"' }, resource: {} };
  const prepared = destinationsFor(aConfig(), A_FORWARDER).map(({ prepare }) =>
    prepare?.(rare as unknown as ResourceTelemetry),
  );
  await Promise.all(prepared);
});
