/** What `/` answers where no page was given: the list of what can be asked. */
const PATHS = [
  "/api/services",
  "/api/service-map",
  "/api/resources?service=…",
  "/api/traces",
  "/api/traces/…",
  "/api/logs",
  "/api/functions",
  "/api/metrics",
  "/api/ledger",
  "/api/live",
  "/api/status",
  "/api/export",
];

export interface PageFile {
  contentType: string;
  body: string | Uint8Array;
}

export const PLACEHOLDER_PAGE: ReadonlyMap<string, PageFile> = new Map([
  [
    "/",
    {
      contentType: "text/html; charset=utf-8",
      body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>log-trace-forwarder</title>
<h1>log-trace-forwarder</h1>
<p>Send logs and traces here as to Datadog or to an OpenTelemetry collector, and ask for them:</p>
<ul>
${PATHS.map((path) => `<li>${path.includes("…") ? path : `<a href="${path}">${path}</a>`}`).join("\n")}
</ul>
`,
    },
  ],
]);
