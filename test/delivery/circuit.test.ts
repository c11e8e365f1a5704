import fc from "fast-check";
import { Circuit } from "../../src/delivery/circuit.ts";

describe("a circuit", () => {
  it("opens after two failures in a row, and lets one probe through when its pause is over", () => {
    const circuit = new Circuit();
    circuit.failed(0, 0);
    circuit.succeeded();
    circuit.failed(0, 0);
    expect(circuit.admits(0)).toBe(true);
    circuit.failed(0, 0);
    expect([29_999, 30_000, 30_000, 99_000].map((nowUnixMs) => circuit.admits(nowUnixMs))).toEqual([
      ...[false, true, false, false],
    ]);
    circuit.succeeded();
    expect(circuit.admits(99_000)).toBe(true);
  });

  it("pauses twice as long after each probe in vain, up to five minutes", () => {
    const circuit = new Circuit();
    let nowUnixMs = 0;
    circuit.failed(nowUnixMs, 0);
    circuit.failed(nowUnixMs, 0);
    const pauses = Array.from({ length: 6 }, () => {
      const openedUnixMs = nowUnixMs;
      while (!circuit.admits(nowUnixMs)) nowUnixMs += 1_000;
      circuit.failed(nowUnixMs, 0);
      return (nowUnixMs - openedUnixMs) / 1_000;
    });
    expect(pauses).toEqual([30, 60, 120, 240, 300, 300]);
  });

  it("waits as long as the intake asks, up to five minutes", () => {
    const circuit = new Circuit();
    circuit.failed(0, 0);
    circuit.failed(0, 90_000);
    expect([30_000, 89_999, 90_000].map((nowUnixMs) => circuit.admits(nowUnixMs))).toEqual([false, false, true]);
    circuit.failed(90_000, 86_400_000);
    expect(circuit.admits(390_000)).toBe(true);
  });

  it("is not held open by failures of what was under way when it opened", () => {
    const circuit = new Circuit();
    for (let batch = 0; batch < 8; batch++) circuit.failed(1_000 * batch, 0);
    expect(circuit.admits(31_000)).toBe(true);
  });

  it("lets another probe through after one that came to nothing", () => {
    const circuit = new Circuit();
    circuit.failed(0, 0);
    circuit.failed(0, 0);
    expect([circuit.admits(30_000), circuit.admits(30_000)]).toEqual([true, false]);
    circuit.abandoned();
    expect(circuit.admits(30_000)).toBe(true);
  });

  it("always lets something through again", () => {
    const steps = fc.array(
      fc.record({ ms: fc.nat(100_000), end: fc.constantFrom("succeeded", "failed", "abandoned") }),
    );
    fc.assert(
      fc.property(steps, (given) => {
        const circuit = new Circuit();
        let nowUnixMs = 0;
        for (const { ms, end } of given) {
          nowUnixMs += ms;
          if (!circuit.admits(nowUnixMs)) continue;
          if (end === "failed") circuit.failed(nowUnixMs, 0);
          else if (end === "abandoned") circuit.abandoned();
          else circuit.succeeded();
        }
        expect(circuit.admits(nowUnixMs + 300_000)).toBe(true);
      }),
    );
  });
});
