import { html } from "htm/preact";
import type { ApiFunction, ApiFunctions } from "../api-types.ts";
import { useAnswer } from "./ask.ts";
import { Heading, Waiting } from "./parts.ts";
import { hrefOf } from "./route.ts";
import { SortedTable } from "./sorted-table.ts";
import { countText, durationText, moneyText, shareText } from "./units.ts";

const bad = (count: number) => html`<span class=${count > 0 ? "bad" : "muted"}>${countText(count)}</span>`;

/** Each Lambda function, from the reports of its runtime. */
export function FunctionsView() {
  const asked = useAnswer<ApiFunctions>("/api/functions", 2_000);
  const functions = asked.answer?.functions;
  return html`<${Heading} title="Functions" />
    <${Waiting} asked=${asked} />
    ${functions?.length === 0 && html`<p class="notice">No report of a Lambda function has arrived. Lambda writes one at the end of each invocation, as a line that begins with <code>REPORT</code>.</p>`}
    ${
      functions &&
      functions.length > 0 &&
      html`<${SortedTable}
      caption="Functions with their invocations"
      by="Function"
      items=${functions}
      keyOf=${({ name }: ApiFunction) => name}
      columns=${[
        {
          name: "Function",
          value: ({ name }: ApiFunction) => name,
          show: ({ name }: ApiFunction) => html`<a href=${hrefOf("live", { query: `function:"${name}"` })}>${name}</a>`,
        },
        {
          name: "Invocations",
          value: ({ invocations }: ApiFunction) => invocations,
          show: ({ invocations }: ApiFunction) => countText(invocations),
        },
        {
          name: "Errors",
          value: ({ errors }: ApiFunction) => errors,
          show: ({ errors, errorRate }: ApiFunction) =>
            html`${bad(errors)}${errors > 0 && html` <span class="muted">${shareText(errorRate)}</span>`}`,
        },
        {
          name: "Timeouts",
          value: ({ timeouts }: ApiFunction) => timeouts,
          show: ({ timeouts }: ApiFunction) => bad(timeouts),
          isExtra: true,
        },
        {
          name: "Cold starts",
          value: ({ coldStarts }: ApiFunction) => coldStarts,
          show: ({ coldStarts, initDuration }: ApiFunction) =>
            html`${countText(coldStarts)}${coldStarts > 0 && html` <span class="muted aside">p50 ${durationText(initDuration.p50Ms)}</span>`}`,
        },
        {
          name: "p50",
          title: "Half of the invocations took no longer",
          value: ({ duration }: ApiFunction) => duration.p50Ms,
          show: ({ duration }: ApiFunction) => durationText(duration.p50Ms),
          isExtra: true,
        },
        {
          name: "p95",
          title: "95 % of the invocations took no longer",
          value: ({ duration }: ApiFunction) => duration.p95Ms,
          show: ({ duration }: ApiFunction) => durationText(duration.p95Ms),
        },
        {
          name: "Longest",
          value: ({ duration }: ApiFunction) => duration.maxMs,
          show: ({ duration }: ApiFunction) => durationText(duration.maxMs),
          isExtra: true,
        },
        {
          name: "Memory",
          title: "The most that was used, of what it has",
          value: ({ maxMemoryUsedMB }: ApiFunction) => maxMemoryUsedMB,
          show: (given: ApiFunction) => html`<${Memory} ...${given} />`,
        },
        {
          name: "Cost",
          title: "Estimated at the list price of x86_64 in us-east-1",
          value: ({ estimatedCostUsd }: ApiFunction) => estimatedCostUsd,
          show: ({ estimatedCostUsd }: ApiFunction) => moneyText(estimatedCostUsd),
        },
      ]} />
      <p class="muted">From the REPORT lines of Lambda. The cost is an estimate, at the list price of x86_64 in us-east-1 without the free tier.</p>`
    }`;
}

function Memory({ maxMemoryUsedMB, memorySizeMB }: ApiFunction) {
  const share = memorySizeMB > 0 ? Math.min(1, maxMemoryUsedMB / memorySizeMB) : 0;
  return html`<span class="measure"><span class=${`measure-bar${share > 0.9 ? " is-bad" : ""}`} aria-hidden="true"><span style=${{ width: `${share * 100}%` }}></span></span>${countText(maxMemoryUsedMB)}<span class="muted"> of ${countText(memorySizeMB)} MB</span></span>`;
}
