import { html } from "htm/preact";
import type { ApiMapEdge, ApiMapNode, ApiServiceMap } from "../api-types.ts";
import { useAnswer } from "./ask.ts";
import { figureColumns } from "./figure-columns.ts";
import { BOX, layoutOf, type PlacedEdge, type PlacedNode } from "./map-layout.ts";
import { Heading, Service, Waiting } from "./parts.ts";
import { hrefOf } from "./route.ts";
import { colourOf } from "./service-colours.ts";
import { SortedTable } from "./sorted-table.ts";
import { durationText, rateText, shareText } from "./units.ts";
import { Welcome } from "./welcome.ts";

const KINDS: Readonly<Record<ApiMapNode["kind"], string>> = {
  service: "",
  database: "database",
  queue: "queue",
  external: "outside",
};

/** Who calls whom: a picture, and the same as a table. */
export function MapView() {
  const asked = useAnswer<ApiServiceMap>("/api/service-map", 2_000);
  const map = asked.answer;
  return html`<${Heading} title="Service map" />
    <${Waiting} asked=${asked} />
    ${map?.nodes.length === 0 && html`<${Welcome} />`}
    ${map && map.nodes.length > 0 && html`<${Picture} map=${map} />`}
    ${
      map &&
      map.edges.length > 0 &&
      html`<section aria-labelledby="calls"><h2 id="calls">Calls</h2>
      <${SortedTable}
        caption="Who calls whom"
        by="Requests"
        items=${map.edges}
        keyOf=${({ from, to }: ApiMapEdge) => `${from}\n${to}`}
        columns=${[
          {
            name: "From",
            value: ({ from }: ApiMapEdge) => from,
            show: ({ from }: ApiMapEdge) => html`<${Service} name=${from} />`,
          },
          {
            name: "To",
            value: ({ to }: ApiMapEdge) => to,
            show: ({ to }: ApiMapEdge) => html`<${Service} name=${to} />`,
          },
          ...figureColumns<ApiMapEdge>(),
        ]} />
    </section>`
    }`;
}

function Picture({ map }: { map: ApiServiceMap }) {
  const { width, height, nodes, edges } = layoutOf(map);
  return html`<div class="map" role="region" aria-label="Picture of the map" tabindex="0"><svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
    <defs>
      <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="arrow" d="M0,0 L8,4 L0,8 z" /></marker>
      <marker id="arrow-error" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="arrow is-error" d="M0,0 L8,4 L0,8 z" /></marker>
    </defs>
    ${edges.map(edgePicture)}${nodes.map(nodePicture)}${edges.map(edgeLabel)}
  </svg></div>`;
}

function edgePicture({ edge: { from, to, errorRate }, path }: PlacedEdge) {
  const isBad = errorRate > 0;
  return html`<g key=${`${from}\n${to}`} class=${`edge${isBad ? " is-error" : ""}`}>
    <path d=${path} marker-end=${isBad ? "url(#arrow-error)" : "url(#arrow)"} />
  </g>`;
}

function edgeLabel({ edge: { from, to, requestsPerSecond, errorRate }, label: { x, y } }: PlacedEdge) {
  return html`<g key=${`label ${from}\n${to}`} class="edge-label" text-anchor="middle">
    <text x=${x} y=${errorRate > 0 ? y - 3 : y + 4}>${rateText(requestsPerSecond)}</text>
    ${errorRate > 0 && html`<text x=${x} y=${y + 13} class="bad">${shareText(errorRate)} errors</text>`}
  </g>`;
}

function nodePicture({ node: { name, kind, figures }, x, y }: PlacedNode) {
  const box = html`<g class=${`node ${colourOf(name)} is-${kind}`} transform=${`translate(${x},${y})`}>
    <rect width=${BOX.width} height=${BOX.height} rx="8" />
    <rect class="stripe" width="4" height=${BOX.height - 20} x="10" y="10" rx="2" />
    <text x="24" y="26" class="node-name">${name.length > 20 ? `${name.slice(0, 19)}…` : name}</text>
    <text x="24" y="45" class="muted">${figures ? `${rateText(figures.requestsPerSecond)} · p95 ${durationText(figures.p95Ms)}` : KINDS[kind] || "sent nothing itself"}</text>
    ${figures && html`<text x="24" y="63" class=${figures.errorRate > 0 ? "bad" : "muted"}>${figures.errorRate > 0 ? `${shareText(figures.errorRate)} errors` : "no errors"}</text>`}
    <title>${name}</title>
  </g>`;
  return figures
    ? html`<a key=${name} href=${hrefOf("resources", { service: name })}>${box}</a>`
    : html`<g key=${name}>${box}</g>`;
}
