/** Each service keeps one colour for as long as the page is open. */

const COLOURS = 8;
const known = new Map<string, number>();

/** Colours in this order, for those that have none yet. */
export function giveColours(services: readonly string[]): void {
  for (const service of services) colourOf(service);
}

/** The class that sets `--colour`. */
export function colourOf(service: string): string {
  let at = known.get(service);
  if (at === undefined) {
    at = known.size % COLOURS;
    known.set(service, at);
  }
  return `colour-${at}`;
}
