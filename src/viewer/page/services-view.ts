import { html } from "htm/preact";
import type { ApiService, ApiServices } from "../api-types.ts";
import { useAnswer } from "./ask.ts";
import { chartColumns, figureColumns } from "./figure-columns.ts";
import { Heading, Service, Waiting } from "./parts.ts";
import { hrefOf } from "./route.ts";
import { SortedTable } from "./sorted-table.ts";
import { Welcome } from "./welcome.ts";

export function ServicesView() {
  const asked = useAnswer<ApiServices>("/api/services", 2_000);
  const services = asked.answer?.services;
  return html`<${Heading} title="Services" />
    <${Waiting} asked=${asked} />
    ${services?.length === 0 && html`<${Welcome} />`}
    ${
      services &&
      services.length > 0 &&
      html`<${SortedTable}
      caption="Services with their requests"
      by="Service"
      items=${services}
      keyOf=${({ name }: ApiService) => name}
      columns=${[
        {
          name: "Service",
          value: ({ name }: ApiService) => name,
          show: ({ name }: ApiService) =>
            html`<a href=${hrefOf("resources", { service: name })}><${Service} name=${name} /></a>`,
        },
        ...figureColumns<ApiService>(),
        ...chartColumns<ApiService>(),
      ]} />`
    }`;
}
