import fc from "fast-check";
import { generationIn } from "../../src/formats/generation.ts";
import { GENERATION_KEY } from "../../src/telemetry.ts";
import { anEnvelope } from "../helpers/deliveries.ts";

const aLedgerLine = (generation: number): string =>
  JSON.stringify({ message: "ledger", [GENERATION_KEY]: generation, ledger: {} });
const inSlice = (messages: string[]): number => generationIn(anEnvelope(messages));

describe("the generation of a forwarder's log", () => {
  it("is the highest of its lines", () => {
    expect(inSlice(["START", aLedgerLine(0), "END", aLedgerLine(2), aLedgerLine(1)])).toBe(2);
    expect(inSlice([`${aLedgerLine(7)}\n`])).toBe(7);
  });

  it.each([
    ["lines of others", ["START RequestId: 1", '{"message":"ledger"}', ""]],
    ["text that quotes one", [`it said ${aLedgerLine(3)}`, JSON.stringify({ message: aLedgerLine(3) })]],
    ["a mark without a number", [aLedgerLine(3).replace(":3,", ":,")]],
    ["half a mark", [`{"message":"ledger","${GENERATION_KEY.slice(0, 9)}`]],
  ])("is not seen in %s", (_, messages) => {
    expect(inSlice(messages)).toBe(-1);
  });

  it("is not seen in whatever else is written", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom(GENERATION_KEY, '"', "~forw", ":1,", "\\"));
    fc.assert(
      fc.property(fc.array(text), (parts) => {
        expect(inSlice([`x${parts.join("")}`])).toBe(-1);
      }),
    );
  });
});
