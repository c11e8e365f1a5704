import { nextDelay } from "../../src/delivery/retry.ts";

const aMoment = { attempt: 1, msLeft: 60_000, nowUnixMs: Date.UTC(2026, 10, 21), random: 0.5 };

describe("the wait before sending again", () => {
  it("grows with every attempt, up to ten seconds, and is spread over the whole of it", () => {
    const longest = [1, 2, 3, 4, 7, 50].map((attempt) => nextDelay({ ...aMoment, attempt, random: 0.999_999 }));
    expect(longest).toEqual([200, 400, 800, 1_600, 10_000, 10_000]);
    expect(nextDelay({ ...aMoment, attempt: 7, random: 0 })).toBe(0);
  });

  it.each([
    ["3", 3_000],
    ["Sat, 21 Nov 2026 00:00:07 GMT", 7_000],
  ])("is what the server says: Retry-After %s", (retryAfter, ms) => {
    expect(nextDelay({ ...aMoment, retryAfter })).toBe(ms);
  });

  it.each(["soon", "", "-1x", "99999999999", "0", "Fri, 20 Nov 2026 00:00:00 GMT"])(
    "is its own where the server says nothing useful: %j",
    (retryAfter) => {
      expect(nextDelay({ ...aMoment, retryAfter })).toBe(100);
    },
  );

  it("is not begun when it cannot end in the time left", () => {
    expect(nextDelay({ ...aMoment, retryAfter: "60" })).toBeUndefined();
    expect(nextDelay({ ...aMoment, msLeft: 100 })).toBeUndefined();
    expect(nextDelay({ ...aMoment, msLeft: -5, random: 0 })).toBeUndefined();
  });
});
