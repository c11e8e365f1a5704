import { createLog } from "../../src/io/log.ts";

describe("log", () => {
  it("writes one JSON line, from its level up", () => {
    const lines: string[] = [];
    const log = createLog("WARN", (line) => lines.push(line));
    log("INFO", "not this");
    log("ERROR", "two\nlines", { logGroup: "/a" });
    expect(lines).toEqual(['{"level":"ERROR","message":"two\\nlines","logGroup":"/a"}\n']);
  });
});
