/** Where the page is, as the part of the address behind `#`, so that every view can be linked. */

export const PLACES = [
  "services",
  "map",
  "resources",
  "traces",
  "trace",
  "live",
  "functions",
  "metrics",
  "pipeline",
] as const;
export type Place = (typeof PLACES)[number];

export interface Route {
  /** "unknown" where the address names none. */
  place: Place | "unknown";
  /** Of a trace; "" elsewhere. */
  id: string;
  given: Readonly<Record<string, string>>;
}

/** @param hash with or without its `#` */
export function routeOf(hash: string): Route {
  const [, path = "", search = ""] = /^#?\/?([^?]*)(?:\?(.*))?$/s.exec(hash) ?? [];
  const [name = "", id = "", ...rest] = path.split("/");
  const given = Object.fromEntries(new URLSearchParams(search));
  const known = PLACES.find((place) => place === (name || "services"));
  const isWhole = rest.length === 0 && (known === "trace") === (id !== "");
  return known && isWhole ? { place: known, id: decoded(id), given } : { place: "unknown", id: "", given };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a view. What is empty or missing is left out. */
export function hrefOf(
  place: Place,
  given: Readonly<Record<string, string | number | null | undefined>> = {},
  id = "",
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return `#/${place}${id === "" ? "" : `/${encodeURIComponent(id)}`}${text === "" ? "" : `?${text}`}`;
}

/** The path of a question to the API, in the same way. */
export function askedOf(path: string, given: Readonly<Record<string, string | number | null | undefined>>): string {
  const [, search = ""] = hrefOf("services", given).split("?");
  return search === "" ? path : `${path}?${search}`;
}
