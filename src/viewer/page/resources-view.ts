import { html } from "htm/preact";
import type { ApiResource, ApiResources } from "../api-types.ts";
import { useAnswer } from "./ask.ts";
import { chartColumns, figureColumns } from "./figure-columns.ts";
import { Crumbs, Heading, Waiting } from "./parts.ts";
import { askedOf, hrefOf, type Route } from "./route.ts";
import { SortedTable } from "./sorted-table.ts";

/** The resources of a service. */
export function ResourcesView({ route }: { route: Route }) {
  const { service = "" } = route.given;
  const asked = useAnswer<ApiResources>(askedOf("/api/resources", { service }), 2_000);
  return html`<${Crumbs} links=${[{ text: "Services", href: hrefOf("services") }]} />
    <${Heading} title=${service || "Resources"}>
      <div class="actions">
        <a href=${hrefOf("traces", { service })}>All traces</a>
        <a href=${hrefOf("traces", { service, status: "error" })}>Traces with errors</a>
        <a href=${hrefOf("live", { query: `service:"${service}"` })}>Live</a>
      </div>
    <//>
    <${Waiting} asked=${asked} />
    ${
      asked.answer &&
      html`<${SortedTable}
      caption=${`Resources of ${service}`}
      by="Requests"
      items=${asked.answer.resources}
      keyOf=${({ name }: ApiResource) => name}
      columns=${[
        {
          name: "Resource",
          value: ({ name }: ApiResource) => name,
          show: ({ name }: ApiResource) =>
            html`<a href=${hrefOf("traces", { service, resource: name })}>${name || "(no resource)"}</a>`,
        },
        ...figureColumns<ApiResource>(),
        ...chartColumns<ApiResource>(),
      ]} />`
    }`;
}
