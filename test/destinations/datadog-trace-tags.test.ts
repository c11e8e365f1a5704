import { renamingOf, traceTagsOf } from "../../src/destinations/datadog-trace-tags.ts";

describe("the tags of a log stream", () => {
  it("say the service, the environment and the version of its spans, and their attributes", () => {
    const tags = ["team:a:b", " region : eu ", "Service:shop", "ENV:prod", "version:7"];
    expect(traceTagsOf(tags)).toEqual({
      service: "shop",
      env: "prod",
      version: "7",
      attributes: [
        ["team", "a:b"],
        ["region", "eu"],
        ["version", "7"],
      ],
    });
  });

  it("say the last thing, where they say several", () => {
    const tags = ["team:a", "env:dev", "service:x", "team:b", "env:prod", "env:none", "service:y"];
    expect(traceTagsOf(tags)).toMatchObject({ service: "y", env: "prod", attributes: [["team", "b"]] });
  });

  it("say nothing where they are no names with a value, or Datadog's own", () => {
    const tags = ["", "alone", ":", "a:", ":b", " : ", "_dd.origin:x", "env:none"];
    expect(traceTagsOf(tags)).toEqual({ service: "", env: "", version: "", attributes: [] });
  });

  it("may have the names that objects have of themselves", () => {
    expect(traceTagsOf(["constructor:a", "toString:b"]).attributes).toEqual([
      ["constructor", "a"],
      ["toString", "b"],
    ]);
  });
});

describe("a new name for the service of a function", () => {
  it("is that of services that begin with the old one, too, and keeps their rest", () => {
    const rename = renamingOf(["fn"], "svc");
    expect(["fn", "fn-dns", "other", "", "a-fn"].map((name) => rename?.(name))).toEqual([
      "svc",
      "svc-dns",
      "other",
      "",
      "a-fn",
    ]);
  });

  it("replaces the longest of several that fit, in whatever order they come", () => {
    for (const own of [
      ["fn", "fn-a"],
      ["fn-a", "fn"],
    ]) {
      const rename = renamingOf(own, "svc");
      expect(["fn-a-dns", "fn-b"].map((name) => rename?.(name))).toEqual(["svc-dns", "svc-b"]);
    }
  });

  it("does not put the name before every service when the function has none", () => {
    expect(renamingOf([""], "svc")).toBeUndefined();
    expect(renamingOf(["", "fn"], "svc")?.("db")).toBe("db");
  });

  it.each([
    [["fn"], ""],
    [["fn"], "fn"],
    [[], "svc"],
  ])("is none where %j becomes %j", (own, to) => expect(renamingOf(own, to)).toBeUndefined());
});
