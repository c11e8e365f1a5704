import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const src = path.join(__dirname, "../src");

/** What each room may import, besides its own files; see CONTRIBUTING.md. */
const ALLOWED: Record<string, string[]> = {
  telemetry: [],
  config: [],
  formats: ["telemetry"],
  sources: ["telemetry"],
  transforms: ["formats", "telemetry"],
  pipeline: ["sources", "transforms", "formats", "telemetry"],
  destinations: ["formats", "telemetry"],
  delivery: ["destinations", "telemetry"],
  subscriptions: ["transforms"],
  io: ["delivery", "formats", "subscriptions", "telemetry"],
  handlers: ["subscriptions", "pipeline", "transforms", "delivery", "destinations", "io", "config", "telemetry"],
  viewer: ["pipeline", "delivery", "destinations", "io", "config", "formats", "telemetry"],
  cli: [
    ...["viewer", "handlers", "pipeline", "sources", "transforms", "delivery", "destinations", "io", "config"],
    ...["formats", "telemetry", "subscriptions"],
  ],
};

const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** Files of src, relative to it. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(src, file), "utf8");
  const given = [...text.matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g)].map((match) => match[1] as string);
  return given.map((target) => path.join(path.dirname(file), target));
}

const roomOf = (file: string): string => (file.split(path.sep)[0] as string).replace(/\.ts$/, "");

describe("the house", () => {
  it("has imports in one direction, types included", () => {
    const wrong = files.flatMap((file) =>
      (imports.get(file) as string[])
        .filter((target) => roomOf(target) !== roomOf(file) && !ALLOWED[roomOf(file)]?.includes(roomOf(target)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
    expect([...imports.values()].flat().length).toBeGreaterThan(50);
  });

  it("has no cycles", () => {
    const done = new Set<string>();
    const visit = (file: string, trail: string[]): string[] => {
      if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
      if (done.has(file)) return [];
      for (const target of imports.get(file) ?? []) {
        const cycle = visit(target, [...trail, file]);
        if (cycle.length > 0) return cycle;
      }
      done.add(file);
      return [];
    };
    expect(files.flatMap((file) => visit(file, []))).toEqual([]);
  });

  it("reads the environment in its entry points alone", () => {
    const code = (file: string): string =>
      readFileSync(path.join(src, file), "utf8").replace(/^\s*(?:\*|\/[/*]).*$/gm, "");
    const reading = files.filter((file) => code(file).includes("process.env"));
    expect(reading.length).toBeGreaterThan(1);
    expect(reading.filter((file) => !["handlers", "cli"].includes(roomOf(file)))).toEqual([]);
  });
});
