import { html, render } from "htm/preact";
import type { ApiServices } from "../api-types.ts";
import { App } from "./app.ts";
import { giveColours } from "./service-colours.ts";

// Before anything is drawn, so that a service has the same colour whichever view is opened first.
await fetch("/api/services")
  .then(async (response) => {
    const { services } = (await response.json()) as ApiServices;
    giveColours(services.map(({ name }) => name));
  })
  // Every view says so itself when there is no answer.
  .catch(() => undefined);
render(html`<${App} />`, document.body);
