import fc from "fast-check";
import { isCardNumber, mayBeCardNumber } from "../../../src/transforms/obfuscate/card-number.ts";

/** Test numbers that the networks and payment providers publish. */
const CARDS = [
  "4111111111111111",
  "4222222222222",
  "5555555555554444",
  "2223003122003222",
  "378282246310005",
  "30569309025904",
  "38520000023237",
  "3530111333300000",
  "6011111111111117",
  "6200000000000005",
];

describe("the number of a payment card", () => {
  it("is told, with spaces and dashes or without", () => {
    for (const card of CARDS) {
      const groups = card.replace(/(.{4})(?=.)/g, "$1 ");
      for (const text of [card, groups, groups.replaceAll(" ", "-"), ` ${groups} `]) {
        expect([text, isCardNumber("note", text)]).toEqual([text, true]);
        expect(mayBeCardNumber(Buffer.from(text), 0, text.length)).toBe(true);
      }
    }
  });

  it("is not another number: a time, an account, an id", () => {
    for (const text of [
      "1795226069831",
      "1795226069831013",
      "1795226069831013037",
      "123456789012",
      "4111111111111112",
      "0000000000000000",
    ])
      expect([text, isCardNumber("note", text)]).toEqual([text, false]);
    for (const text of [
      "",
      "4111",
      "x4111111111111111",
      "4111111111111111x",
      "4111.1111.1111.1111",
      "4111    1111 1111 1111",
      "41111111111111111111",
    ])
      expect([text, isCardNumber("note", text)]).toEqual([text, false]);
  });

  it("is not looked for in attributes of another kind", () => {
    for (const key of ["_dd.p.dm", "request_id", "error.stack", "aws_account"])
      expect(isCardNumber(key, CARDS[0] as string)).toBe(false);
    expect(isCardNumber("constructor", CARDS[0] as string)).toBe(true);
  });

  it("has a right check digit: of ten numbers that differ in it, one is a card", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 14, maxLength: 14 }), (digits) => {
        const cards = [..."0123456789"].filter((digit) => isCardNumber("note", `4${digits}${digit}`));
        expect(cards).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });
});
