// Runs before the tests of every file: loads what the function loads when it meets the first trace line.
import { destinationsFor } from "../../src/destinations/index.ts";
import { traceFormats } from "../../src/formats/index.ts";
import { loadReader } from "../../src/formats/trace-format.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";

beforeAll(async () => {
  await Promise.all(traceFormats.map(loadReader));
  const settings = { site: "", logsHost: "", logsPort: 0, noSsl: false, tags: "", traceIntakeUrl: "" };
  const forwarder = { functionArn: "", functionName: "", region: "", version: "", logGroup: "" };
  const anyTrace = { tracePayloads: [{}] } as unknown as ResourceTelemetry;
  await Promise.all(destinationsFor(settings, forwarder).map(({ prepare }) => prepare?.(anyTrace)));
});
