/** What was measured, as `npm run bench -- --write` has written it into docs/performance.md and bench/baseline.json. */

/**
 * @param page docs/performance.md
 * @param baseline bench/baseline.json, parsed
 * @returns by delivery (`lambda-10k`): log events, gzip bytes in, processor ms of the benchmark's machine, requests, bytes
 *   out for each byte in
 */
export function measured(page, baseline) {
  const deliveries = rowsBelow(page, "### Deliveries");
  const cpu = rowsBelow(page, "### Processor time of a warm invocation");
  const figures = {};
  for (const [name, cells] of deliveries) {
    const [events, , gzipKb] = cells.map(number);
    const cpuMs = number(cpu.get(name)?.[0] ?? "");
    const requests = baseline.figures[`requests.${name}`]?.value;
    const outPerIn = baseline.figures[`bytes.${name}/in`]?.value;
    const figure = { events, bytesIn: gzipKb * 1_000, cpuMs, requests, outPerIn };
    if (Object.values(figure).some((value) => !(value > 0))) {
      throw new Error(
        `docs/performance.md and bench/baseline.json say too little of ${name}: npm run bench -- --write`,
      );
    }
    figures[name] = figure;
  }
  if (deliveries.size === 0) throw new Error("docs/performance.md has no figures: npm run bench -- --write");
  return figures;
}

/** The rows of the first table below a heading, by their first cell. */
function rowsBelow(page, heading) {
  const [, section = ""] = page.split(`${heading}\n`);
  const [body] = section.split("\n##");
  const rows = body.split("\n").filter((line) => /^\| [a-z]+-[0-9]+[km] /.test(line));
  return new Map(
    rows.map((row) => {
      const [name, ...cells] = row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [name, cells];
    }),
  );
}

/** `20 193` and `17.8` are written with spaces for thousands. */
function number(text) {
  return Number(text.replaceAll(" ", ""));
}
