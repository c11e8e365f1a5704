import { execFileSync } from "node:child_process";
import path from "node:path";

const bench = path.join(__dirname, "../../bench");

interface FigureGiven {
  id: string;
  value: number;
  low: number;
  high: number;
}

/** Figures before and now, compared in a process that can import ES modules. */
function compared(before: FigureGiven[], now: FigureGiven[]): { text: string; worse: number } {
  const program = `
    const { baselineOf, compare } = await import(process.argv[1]);
    const [before, now] = JSON.parse(process.argv[2]).map((list) => list.map((one) => ({ ...one, label: one.id, unit: "×" })));
    process.stdout.write(JSON.stringify(compare(baselineOf(before), now)));
  `;
  const args = ["--input-type=module", "-e", program, path.join(bench, "baseline.mjs"), JSON.stringify([before, now])];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

const steady = (id: string, value: number): FigureGiven => ({ id, value, low: value, high: value });

describe("the comparison with the baseline", () => {
  it("takes what is closer than a twentieth as equal", () => {
    expect(compared([steady("cpu.a/z", 2)], [steady("cpu.a/z", 2.09)]).worse).toBe(0);
    expect(compared([steady("cpu.a/z", 2)], [steady("cpu.a/z", 2.11)]).worse).toBe(1);
  });

  it("takes what the rounds of the baseline spread over as equal", () => {
    const before = { id: "cpu.a/z", value: 2, low: 1.9, high: 2.6 };
    expect(compared([before], [steady("cpu.a/z", 2.59)]).worse).toBe(0);
    expect(compared([before], [steady("cpu.a/z", 2.61)]).worse).toBe(1);
  });

  it("takes what one round of now meets as equal", () => {
    const now = { id: "cpu.a/z", value: 2.5, low: 2.05, high: 2.7 };
    expect(compared([steady("cpu.a/z", 2)], [now]).worse).toBe(0);
  });

  it("says what became better, and counts it as no worse", () => {
    const { text, worse } = compared([steady("bytes.a/in", 1)], [steady("bytes.a/in", 0.5)]);
    expect(worse).toBe(0);
    expect(text).toContain("better");
  });

  it("keeps and compares ratios, not times that belong to one machine", () => {
    const { text } = compared([steady("wall.a", 1), steady("cpu.a/j", 1)], [steady("wall.a", 9), steady("cpu.a/j", 1)]);
    expect(text).toContain("cpu.a/j");
    expect(text).not.toContain("wall.a");
  });

  it("notices a figure that was 0", () => {
    expect(compared([steady("bundle.sdk", 0)], [steady("bundle.sdk", 1)]).worse).toBe(1);
    expect(compared([steady("bundle.sdk", 0)], [steady("bundle.sdk", 0)]).worse).toBe(0);
  });
});
