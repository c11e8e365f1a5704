import { obfuscateMemcached } from "../../../src/transforms/obfuscate/memcached.ts";

describe("a memcached command", () => {
  it.each([
    ["set mykey 0 60 5\r\nvalue\r\n", "set mykey 0 60 5"],
    ["set mykey 0 60 5\nvalue", "set mykey 0 60 5"],
    ["get mykey\r\n", "get mykey"],
    [" get mykey ", "get mykey"],
    ["", ""],
  ])("loses the value on its second line: %j", (command, shown) => {
    expect(obfuscateMemcached(command)).toBe(shown);
  });
});
