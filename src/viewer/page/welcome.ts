import { html } from "htm/preact";

/** What to do where nothing has arrived yet. */
export function Welcome() {
  const { origin } = location;
  return html`<section class="welcome" aria-labelledby="welcome">
    <h2 id="welcome">Nothing has arrived yet</h2>
    <p>This page shows what is sent to <code>${origin}</code>, as soon as it comes. To send something:</p>
    <dl>
      <dt>Two sample functions, through the forwarder</dt>
      <dd><code>npm start</code></dd>
      <dt>Functions of yours in AWS, and what a program prints; each has a page of its own</dt>
      <dd><code>node dist/cli/main.mjs live my-function</code></dd>
      <dd><code>… | node dist/cli/main.mjs start -</code></dd>
      <dt>Anything with an OpenTelemetry SDK</dt>
      <dd><code>OTEL_EXPORTER_OTLP_ENDPOINT=${origin}</code></dd>
      <dt>A forwarder, or a Datadog tracer</dt>
      <dd><code>DD_URL=${location.hostname} DD_PORT=${location.port || "80"} DD_NO_SSL=true DD_TRACE_INTAKE_URL=${origin}</code></dd>
    </dl>
  </section>`;
}
