import { patchConsole } from "../../src/cli/lambda-console.ts";

describe("the console of a function", () => {
  it("writes time, request id, level and text, separated by tabs", () => {
    const { console, lines } = aConsole("r-1");
    console.log("hello %s", "world", { a: 1 });
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tr-1\tINFO\thello world \{ a: 1 \}\n$/);
  });

  it("has a level for each method", () => {
    const { console, lines } = aConsole("r-1");
    for (const method of ["log", "info", "debug", "warn", "error", "trace"] as const) console[method]("x");
    expect(lines.map((line) => line.split("\t")[2])).toEqual(["INFO", "INFO", "DEBUG", "WARN", "ERROR", "TRACE"]);
  });

  it("keeps several lines of one call in one line", () => {
    const { console, lines } = aConsole("r-1");
    console.error("first\nsecond\n\nlast");
    expect(lines[0]).toMatch(/\tERROR\tfirst\rsecond\r\rlast\n$/);
  });

  it("says undefined outside an invocation", () => {
    const { console, lines } = aConsole(undefined);
    console.log();
    expect(lines[0]).toMatch(/Z\tundefined\tINFO\t\n$/);
  });
});

function aConsole(requestId: string | undefined) {
  const lines: string[] = [];
  const console = {} as Console;
  patchConsole(
    console,
    (line) => lines.push(line),
    () => requestId,
  );
  return { console, lines };
}
