import { html } from "htm/preact";
import { useState } from "preact/hooks";
import type { ApiError, ApiImport } from "../api-types.ts";
import { askedOf } from "./route.ts";
import { countOf } from "./units.ts";

/**
 * Takes in what was saved here, or elsewhere as lines of OTLP/JSON; and saves.
 *
 * @param query of what is saved; "" = everything
 */
export function OpenFile({ query }: { query: string }) {
  const [said, say] = useState<{ text: string; isBad: boolean }>({ text: "", isBad: false });
  const open = async (event: Event) => {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    say({ text: `Opening ${file.name}…`, isBad: false });
    try {
      const headers: Record<string, string> = file.name.endsWith(".gz") ? { "content-encoding": "gzip" } : {};
      const response = await fetch("/api/import", { method: "POST", headers, body: file });
      const answer = (await response.json()) as ApiImport | ApiError;
      if ("errors" in answer) say({ text: answer.errors.join("; "), isBad: true });
      else say({ text: takenText(answer), isBad: answer.rejected > 0 });
    } catch {
      say({ text: "no answer from the server: is it still running?", isBad: true });
    }
    // So that the same file can be chosen again.
    input.value = "";
  };
  return html`<div class="actions">
    <span role="status" class=${said.isBad ? "bad" : "muted"}>${said.text}</span>
    <label class="button file">Open a file<input type="file" accept=".ndjson,.jsonl,.json,.gz" onChange=${open} /></label>
    <a class="button" href=${askedOf("/api/export", { query })} download="telemetry.ndjson">${query === "" ? "Save all" : "Save what matches"}</a>
  </div>`;
}

function takenText({ spans, logs, rejected, problems }: ApiImport): string {
  const taken = `${countOf(spans, "span")} and ${countOf(logs, "log")} taken`;
  return rejected > 0 ? `${taken}, ${countOf(rejected, "line")} not: ${problems[0] ?? ""}` : taken;
}
