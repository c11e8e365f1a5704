import fc from "fast-check";
import { redactEmail, redactIp } from "../../src/transforms/redact.ts";
import type { ScrubRule } from "../../src/transforms/scrub.ts";

/** As the Datadog Forwarder has them. */
const PEER = {
  ip: /\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/g,
  email: /[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+/g,
};
const RULES: [string, ScrubRule, RegExp, string][] = [
  ["REDACT_IP", redactIp, PEER.ip, "xxx.xxx.xxx.xxx"],
  ["REDACT_EMAIL", redactEmail, PEER.email, "xxxxx@xxxxx.com"],
];
const someText = fc.oneof(
  fc.string({
    unit: fc.constantFrom("1", "22", "333", "4444", ".", "@", "a", "-", "_", "+", " ", "é", "\n"),
    maxLength: 24,
  }),
  fc.string({ unit: "binary" }),
  fc.emailAddress(),
  fc.ipV4(),
);

describe.each(RULES)("%s", (_, rule, peer, replacement) => {
  it("replaces exactly what the Datadog Forwarder replaces", () => {
    fc.assert(
      fc.property(fc.array(someText, { maxLength: 3 }), (texts) => {
        const text = texts.join("");
        expect(rule.apply(text)).toBe(text.replace(peer, replacement));
      }),
      { numRuns: 2_000 },
    );
  });

  it("says beforehand that it may apply wherever it does, however the text is written as JSON", () => {
    const escapeAll = (text: string): string =>
      Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join(
        "",
      );
    fc.assert(
      fc.property(someText, (text) => {
        if (rule.apply(text) === text) return;
        const once = JSON.stringify(text);
        for (const escaped of [once, JSON.stringify(once), escapeAll(text), JSON.stringify(escapeAll(text))]) {
          expect(rule.mayApply(Buffer.from(escaped).toString("latin1"))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("says beforehand that it does not apply to a usual line", () => {
    expect(rule.mayApply("2026-11-21T01:53:45.858Z\\tINFO\\tversion 1.10.3 took 1.5 ms")).toBe(false);
  });

  it.each(["a", "1", ".", "@", "a@", "a@b", "1.", "1.1.1.", "@a.", "a@-.", "."])(
    "takes time in proportion to a text full of %s",
    (piece) => {
      const text = piece.repeat(1_000_000 / piece.length);
      // A time in proportion to the square would be minutes.
      expect(rule.mayApply(text) || rule.apply(text) === text).toBe(true);
    },
  );
});
