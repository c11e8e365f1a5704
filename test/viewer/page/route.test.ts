import fc from "fast-check";
import { askedOf, hrefOf, PLACES, routeOf } from "../../../src/viewer/page/route.ts";

describe("the address of a view", () => {
  it("begins with the services, and is unknown where it names nothing", () => {
    for (const hash of ["", "#", "#/"]) expect(routeOf(hash)).toMatchObject({ place: "services", given: {} });
    for (const hash of ["#/nowhere", "#/trace", "#/services/x", "#/trace/1/2"])
      expect(routeOf(hash).place).toBe("unknown");
    expect(routeOf("#/trace/%E0%A4%A")).toMatchObject({ place: "trace", id: "%E0%A4%A" });
  });

  it("is read as it was written, whatever is searched for", () => {
    const place = fc.constantFrom(...PLACES.filter((name) => name !== "trace"));
    const text = fc.string({ unit: "grapheme", minLength: 1 });
    fc.assert(
      fc.property(place, fc.dictionary(text, text), (name, given) => {
        expect(routeOf(hrefOf(name, given))).toEqual({ place: name, id: "", given: { ...given } });
      }),
    );
  });

  it("leaves out what is not given", () => {
    expect(hrefOf("trace", { span: undefined, log: 7, more: "", none: null }, "abc")).toBe("#/trace/abc?log=7");
    expect(askedOf("/api/traces", { service: "a b", limit: 5 })).toBe("/api/traces?service=a+b&limit=5");
    expect(askedOf("/api/traces", {})).toBe("/api/traces");
  });
});
