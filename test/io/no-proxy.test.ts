import fc from "fast-check";
import { isWithoutProxy } from "../../src/io/no-proxy.ts";

const without = (url: string, noProxy: string): boolean => isWithoutProxy(new URL(url), noProxy);

describe("NO_PROXY", () => {
  it.each([
    ["https://intake.example.com/", "intake.example.com"],
    ["https://intake.example.com/", "example.com"],
    ["https://intake.example.com/", ".example.com"],
    ["https://intake.example.com/", "*.example.com"],
    ["https://example.com/", ".example.com"],
    ["https://Intake.Example.com./", "EXAMPLE.com."],
    ["https://intake.example.com/", "other.org, example.com"],
    ["https://intake.example.com/", "other.org example.com,,"],
    ["https://anything/", "other.org,*"],
    ["https://intake.example.com/", "example.com:443"],
    ["http://intake.example.com/", "example.com:80"],
    ["https://intake.example.com:8443/", "example.com:8443"],
    ["https://intake.example.com:8443/", "example.com"],
    ["http://10.1.2.3/", "10.1.2.3"],
    ["http://10.1.2.3:81/", "10.1.2.3:81"],
    ["http://10.1.2.3/", "10.0.0.0/8"],
    ["http://10.1.2.3/", "0.0.0.0/0"],
    ["http://[::1]/", "::1"],
    ["http://[::1]/", "0:0::1"],
    ["http://[::1]/", "[::1]"],
    ["http://[::1]:81/", "[::1]:81"],
    ["http://[fd00::5]/", "fd00::/8"],
    ["http://[fd00::5]/", "[fd00::]/8"],
  ])("takes %s from the proxy by %s", (url, noProxy) => {
    expect(without(url, noProxy)).toBe(true);
  });

  it.each([
    ["https://intake.example.com/", ""],
    ["https://intake.example.com/", " ,, "],
    ["https://badexample.com/", "example.com"],
    ["https://badexample.com/", ".example.com"],
    ["https://example.com/", "intake.example.com"],
    ["https://example.com.evil.org/", "example.com"],
    ["https://intake.example.com/", "example.com:80"],
    ["https://intake.example.com/", "."],
    ["https://intake.example.com/", "*.com.example"],
    ["https://intake.example.com/", "10.0.0.0/8"],
    ["http://10.1.2.3/", "2.3"],
    ["http://10.1.2.3/", "10.1.2"],
    ["http://11.1.2.3/", "10.0.0.0/8"],
    ["http://10.1.2.3/", "10.0.0.0/33"],
    ["http://10.1.2.3/", "10.0.0.0/x"],
    ["http://10.1.2.3/", "/8"],
    ["http://10.1.2.3:81/", "10.1.2.3:82"],
    ["http://[::1]/", "::2"],
    ["http://[::1]/", "[::1]:81"],
    ["http://[fd00::5]/", "10.0.0.0/8"],
  ])("leaves %s to the proxy with %j", (url, noProxy) => {
    expect(without(url, noProxy)).toBe(false);
  });

  it("does not mind what is no entry, and finds the one that is", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (before, after) => {
        expect(without("https://intake.example.com/", [...before, "example.com", ...after].join(","))).toBe(true);
      }),
    );
  });

  it("reads a range like the arithmetic of its bits", () => {
    const address = fc.nat(0xffff_ffff);
    const dotted = (bits: number): string => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
    fc.assert(
      fc.property(address, address, fc.integer({ min: 1, max: 32 }), (one, other, prefix) => {
        const isSame = one >>> (32 - prefix) === other >>> (32 - prefix);
        expect(without(`http://${dotted(one)}/`, `${dotted(other)}/${prefix}`)).toBe(isSame);
      }),
    );
  });
});
