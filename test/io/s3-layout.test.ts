import { createHash } from "node:crypto";
import fc from "fast-check";
import { isBatch, layoutFor, newName, restKeyOf, timeOf } from "../../src/io/s3-layout.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder";

describe("the layout of stored batches", () => {
  it("is the Datadog Forwarder's, whose folder is named for the function in lower case", () => {
    const folder = `failed_events/${createHash("sha1").update(ARN.toLowerCase()).digest("hex")}/`;
    expect(layoutFor(ARN).folder).toBe(folder);
    expect(layoutFor(ARN).kindFolder("logs")).toBe(`${folder}logs/`);
    expect(layoutFor(ARN).quarantineFolder("traces")).toBe(`${folder}quarantine/traces/`);
    expect(layoutFor(ARN).lease).toBe(`${folder}redrive.lease`);
  });

  it("has names that say when, sort by when, and are never the same twice", () => {
    const time = fc.integer({ min: 1_600_000_000_000, max: 9_999_999_999_999 });
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(timeOf(newName(a))).toBe(a);
        expect(newName(a)).not.toBe(newName(a));
        if (a < b) expect(newName(a) < newName(b)).toBe(true);
      }),
    );
  });

  it.each([
    ["1763712345678-0123456789abcdef.gz", 1763712345678],
    ["1763712345678-0123456789abcdef.gz.rest.rest", 1763712345678],
    ["1763712345.678901", 1763712345678],
    ["1763712345.0", 1763712345000],
    ["1763712345.678901.rest", 1763712345678],
    ["1763712345", 1763712345000],
  ])("reads the time of %s", (name, unixMs) => {
    expect(timeOf(name)).toBe(unixMs);
  });

  it.each([
    "",
    "readme.txt",
    "1763712345678",
    "17637123456789-0.gz",
    "1763712345.",
    "x/1763712345.5",
    "1763712345.5.gz",
  ])("finds no time in %j", (name) => {
    expect(timeOf(name)).toBeUndefined();
  });

  it("does not take an empty folder or the Datadog Forwarder's lock for a batch", () => {
    expect(["", "folder/", "lock"].map((name) => isBatch(name, 0))).toEqual([false, false, false]);
    expect(["folder/", "lock", "1763712345.5"].map((name) => isBatch(name, 1))).toEqual([true, true, true]);
    expect(isBatch("1763712345.5", 0)).toBe(true);
  });

  it("puts a rest beside its original, and in its place where the key would be longer than S3 takes", () => {
    expect(restKeyOf("logs/1.gz")).toBe("logs/1.gz.rest");
    expect(restKeyOf(`${"é".repeat(509)}e`)).toBe(`${"é".repeat(509)}e.rest`);
    expect(restKeyOf("é".repeat(510))).toBe("é".repeat(510));
  });
});
