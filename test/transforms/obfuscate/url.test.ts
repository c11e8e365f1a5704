import fc from "fast-check";
import { obfuscateUrl } from "../../../src/transforms/obfuscate/url.ts";
import { propertyRuns } from "../../helpers/property-runs.ts";

describe("a URL", () => {
  it.each([
    ["https://example.com/users?id=7&token=secret", "https://example.com/users?"],
    ["https://example.com/v2/stock/6f1e/items", "https://example.com/?/stock/?/items"],
    ["https://user:secret@example.com:8080/a", "https://example.com:8080/a"],
    ["https://us@er:secret@example.com", "https://example.com"],
    ["/users/42/orders?x", "/users/?/orders?"],
    ["https://10.0.0.1/a%20b/c%31d", "https://10.0.0.1/a%20b/?"],
    ["https://example.com/a#access_token=secret", "https://example.com/a"],
    ["https://example.com/a#b?secret", "https://example.com/a"],
    ["https://example.com?secret", "https://example.com?"],
    ["//example.com/1", "//example.com/?"],
    ["", ""],
  ])("loses user, query, fragment and parts of the path with digits: %s", (url, shown) => {
    expect(obfuscateUrl(url)).toBe(shown);
  });

  it.each(["https://example.com/%zz", "https://example.com/\u0000", "a%", "a%2"])(
    "that is none is not shown: %j",
    (url) => {
      expect(obfuscateUrl(url)).toBe("?");
    },
  );

  it("shows no digit of a path, and nothing of a query", () => {
    const part = fc.string({ unit: fc.constantFrom("a", "7", "%20", "%37", "-", "."), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.webQueryParameters(), (parts, query) => {
        const shown = obfuscateUrl(`https://example.com/${parts.join("/")}?zq=${query}`);
        expect(shown).not.toMatch(/7|zq/);
        expect(shown.split("/")).toHaveLength(3 + Math.max(1, parts.length));
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it.each(["/", "@", "1/", "%20", "?", "a"])("takes no longer than its length asks for: a megabyte of %s", (piece) => {
    const url = `https://${piece.repeat(2 ** 20 / piece.length)}`;
    expect(obfuscateUrl(url).length).toBeLessThanOrEqual(url.length + 1);
  });
});
