import fc from "fast-check";
import { Gate } from "../../src/delivery/gate.ts";

describe("a gate", () => {
  it("lets everything through, in order, and never more at once than it holds", async () => {
    const visitors = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 12 }), stay: fc.nat(3) }));
    await fc.assert(
      fc.asyncProperty(visitors, fc.integer({ min: 1, max: 10 }), async (given, capacity) => {
        const gate = new Gate(capacity);
        const entered: number[] = [];
        let inside: number[] = [];
        await Promise.all(
          given.map(async ({ weight, stay }, index) => {
            await gate.enter(weight);
            entered.push(index);
            inside.push(weight);
            const sum = inside.reduce((total, one) => total + one, 0);
            // What weighs more than all there is room for enters alone.
            if (inside.length > 1) expect(sum).toBeLessThanOrEqual(capacity);
            for (let turn = 0; turn < stay; turn++) await new Promise(setImmediate);
            inside = inside.toSpliced(inside.indexOf(weight), 1);
            gate.leave(weight);
          }),
        );
        expect(entered).toEqual(given.map((_, index) => index));
      }),
    );
  });

  it("lets nothing in front of what waits, even where there is room for it", async () => {
    const gate = new Gate(3);
    expect(gate.tryEnter(2)).toBe(true);
    const heavy = gate.enter(2);
    expect(gate.tryEnter(1)).toBe(false);
    gate.leave(2);
    await heavy;
    expect(gate.tryEnter(1)).toBe(true);
    expect(gate.tryEnter(1)).toBe(false);
  });
});
