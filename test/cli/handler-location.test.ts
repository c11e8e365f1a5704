import { writeFileSync } from "node:fs";
import path from "node:path";
import { locateHandler } from "../../src/cli/handler-location.ts";
import { aFolder, cleanUp } from "./a-function.ts";

afterEach(cleanUp);

describe("where a handler is", () => {
  it("is the module up to the first dot, with Lambda's extensions in Lambda's order", () => {
    const folder = aFolder({ "a.cjs": "", "a.mjs": "", "b.cjs": "" });
    expect(locateHandler(`${folder}/a.exports.handler`)).toEqual({
      file: path.join(folder, "a.mjs"),
      exportName: "exports.handler",
      isCommonJs: false,
    });
    expect(locateHandler(`${folder}/b.handler`)).toMatchObject({ file: path.join(folder, "b.cjs"), isCommonJs: true });
  });

  it("is CommonJS for .js unless the package says module", () => {
    const folder = aFolder({ "a.js": "" });
    expect(locateHandler(`${folder}/a.handler`).isCommonJs).toBe(true);
    writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
    expect(locateHandler(`${folder}/a.handler`).isCommonJs).toBe(false);
  });
});
