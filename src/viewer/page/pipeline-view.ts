import { html } from "htm/preact";
import type { ApiLedger } from "../api-types.ts";
import { useAnswer } from "./ask.ts";
import { type DestinationSums, type LedgerSums, ledgerSums, sumOf } from "./ledger-sums.ts";
import { Clock, Heading, Moment, Waiting } from "./parts.ts";
import { SortedTable } from "./sorted-table.ts";
import { bytesText, countOf, countText, shareText } from "./units.ts";

/** What went through the forwarder, and where each event ended. */
export function PipelineView() {
  const asked = useAnswer<ApiLedger>("/api/ledger?limit=50", 2_000);
  const { answer } = asked;
  const sums = answer && ledgerSums(answer.totals);
  return html`<${Heading} title="Pipeline">
      ${sums && answer.count > 0 && html`<${Balance} sums=${sums} />`}
    <//>
    <${Waiting} asked=${asked} />
    ${answer?.count === 0 && html`<p class="notice">No ledger of a forwarder has arrived. It prints one at the end of each invocation, and <code>npm start</code> sends its own.</p>`}
    ${
      sums &&
      answer.count > 0 &&
      html`<p class="muted">${countOf(answer.count, "invocation")} of the forwarder, added up.</p>
      <div class="stages"><${In} sums=${sums} /><${Links} sums=${sums} /><${Out} sums=${sums} /></div>
      <h2>The last invocations</h2><${Last} ledger=${answer} />`
    }`;
}

function Balance({ sums: { unaccounted } }: { sums: LedgerSums }) {
  return unaccounted === 0
    ? html`<span class="badge is-ok">The books balance</span>`
    : html`<span class="badge is-error">${countOf(unaccounted, "event")} unaccounted for</span>`;
}

function Stage({ title, total, children }: { title: string; total: string; children?: unknown }) {
  return html`<section class="stage" aria-label=${title}><h2>${title} <span class="muted">${total}</span></h2>${children}</section>`;
}

interface Part {
  name: string;
  count: number;
  of: number;
  tone?: "bad" | "quiet";
  note?: string;
}

function Parts({ parts }: { parts: Part[] }) {
  return html`<ul class="parts">${parts.map(
    ({ name, count, of, tone, note }) => html`<li key=${name}>
      <span class="part-name">${name}${note && html` <span class="muted">${note}</span>`}</span><span class="number">${countText(count)}</span>
      <span class=${`part-bar ${tone ? `is-${tone}` : ""}`} aria-hidden="true"><span style=${{ width: `${of > 0 ? Math.min(100, (count / of) * 100) : 0}%` }}></span></span>
    </li>`,
  )}</ul>`;
}

function In({ sums }: { sums: LedgerSums }) {
  const { events, logs, traceLines, spans, metricLines, derivedMetrics, dropped } = sums;
  const parts: Part[] = [
    { name: "Logs", count: logs, of: events },
    { name: "Trace lines", note: `with ${countOf(spans, "span")}`, count: traceLines, of: events },
    {
      name: "Metric lines",
      note: derivedMetrics > 0 ? `and ${countOf(derivedMetrics, "metric")} made of logs` : "",
      count: metricLines,
      of: events,
    },
    ...dropped.map(([name, count]): Part => ({ name: `Dropped: ${name}`, count, of: events, tone: "quiet" })),
  ];
  return html`<${Stage} title="In, and split" total=${countOf(events, "event")}><${Parts} parts=${parts} /><//>`;
}

/** How a log was tied to its trace, in words. */
const LINKED_BY: ReadonlyMap<string, string> = new Map([
  ["own-ids", "Ids in the log itself"],
  ["request-id", "Its request id"],
  ["stream-position", "Its place in the log stream"],
  ["span-time", "The span that was open"],
  ["trace-id", "Ids in other lines of its request"],
  ["xray", "X-Ray's trace id"],
  ["remembered", "An earlier delivery"],
  ["function-span", "The span made of Lambda's lines"],
]);

function Links({ sums: { logs, links, unlinked, skipped, returned } }: { sums: LedgerSums }) {
  const linked = sumOf(links);
  const parts: Part[] = [
    ...links.map(([name, count]): Part => {
      const words = LINKED_BY.get(name);
      return { name: words ?? name, ...(words !== undefined && { note: name }), count, of: logs };
    }),
    ...(unlinked === undefined ? [] : [{ name: "No trace known", count: unlinked, of: logs, tone: "quiet" } as Part]),
    ...skipped.map(([name, count]): Part => ({ name: `Meant to stay: ${name}`, count, of: logs, tone: "quiet" })),
    ...returned.map(([name, count]): Part => ({ name: `Handed back: ${name}`, count, of: logs, tone: "bad" })),
  ];
  if (parts.length === 0) return null;
  const total = links.length > 0 || unlinked !== undefined ? `${countOf(linked, "log")} tied to a trace` : "";
  return html`<${Stage} title="Linked by" total=${total}><${Parts} parts=${parts} /><//>`;
}

function Out({ sums: { destinations } }: { sums: LedgerSums }) {
  return html`<${Stage} title="Out" total=${countOf(destinations.length, "destination")}>${destinations.map(
    (destination) => html`<${Destination} key=${destination.name} destination=${destination} />`,
  )}<//>`;
}

function Destination({ destination }: { destination: DestinationSums }) {
  const { name, offered, delivered, stored, failed, retried, requests, bytes } = destination;
  const parts: Part[] = [
    { name: "Delivered", count: delivered, of: offered },
    ...stored.map(([reason, count]): Part => ({ name: `Stored: ${reason}`, count, of: offered, tone: "bad" })),
    ...failed.map(([reason, count]): Part => ({ name: `Failed: ${reason}`, count, of: offered, tone: "bad" })),
  ];
  return html`<div class="destination"><h3>${name}</h3><${Parts} parts=${parts} />
    <p class="muted">${countOf(requests, "request")}, ${bytesText(bytes)}${retried.length > 0 && `; sent again: ${retried.map(([reason, count]) => `${reason} ${countText(count)}`).join(", ")}`}</p></div>`;
}

interface Invocation {
  key: string;
  receivedAtMs: number;
  sums: LedgerSums;
}

function Last({ ledger: { last, count } }: { ledger: ApiLedger }) {
  const items = last.map(
    ({ receivedAtMs, ledger }, at): Invocation => ({ key: String(count - at), receivedAtMs, sums: ledgerSums(ledger) }),
  );
  const column = (name: string, value: (sums: LedgerSums) => number, isExtra = false) => ({
    name,
    value: ({ sums }: Invocation) => value(sums),
    show: ({ sums }: Invocation) => countText(value(sums)),
    isExtra,
  });
  const delivered = ({ destinations }: LedgerSums) => destinations.reduce((sum, one) => sum + one.delivered, 0);
  const kept = ({ destinations }: LedgerSums) =>
    destinations.reduce((sum, one) => sum + sumOf(one.stored) + sumOf(one.failed), 0);
  const offered = ({ destinations }: LedgerSums) => destinations.reduce((sum, one) => sum + one.offered, 0);
  return html`<${SortedTable}
    caption="The last invocations, newest first"
    items=${items}
    keyOf=${({ key }: Invocation) => key}
    columns=${[
      {
        name: "Time",
        value: ({ receivedAtMs }: Invocation) => receivedAtMs,
        show: ({ receivedAtMs }: Invocation) =>
          html`<${Moment} timeMs=${receivedAtMs}><${Clock} timeMs=${receivedAtMs} /><//>`,
        isLeft: true,
      },
      column("Events", ({ events }) => events),
      column("Logs", ({ logs }) => logs, true),
      column("Trace lines", ({ traceLines }) => traceLines, true),
      column("Spans", ({ spans }) => spans, true),
      column("Dropped", ({ dropped }) => sumOf(dropped)),
      column("Delivered", delivered),
      {
        ...column("Not delivered", kept),
        show: ({ sums }: Invocation) =>
          html`<span class=${kept(sums) > 0 ? "bad" : "muted"}>${countText(kept(sums))}</span>`,
      },
      {
        name: "Share",
        title: "Of what was offered to destinations, how much they took",
        value: ({ sums }: Invocation) => (offered(sums) > 0 ? delivered(sums) / offered(sums) : 1),
        show: ({ sums }: Invocation) => shareText(offered(sums) > 0 ? delivered(sums) / offered(sums) : 1),
        isExtra: true,
      },
    ]} />`;
}
