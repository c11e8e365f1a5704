import { readFileSync } from "node:fs";
import path from "node:path";
import { parametersIn } from "../../../src/cli/migrate/our-parameters.ts";

const yaml = readFileSync(path.join(__dirname, "../../../serverless.yml"), "utf8");

describe("the parameters of serverless.yml", () => {
  it("are read with their defaults", () => {
    const parameters = parametersIn(yaml);
    expect(Object.fromEntries(parameters)).toMatchObject({
      DdApiKeySecretArn: "",
      LogGroups: "",
      DdForwardLog: "true",
      DdSite: "datadoghq.com",
      DdCompressionLevel: "6",
      IamRolePath: "/",
      PermissionsBoundaryArn: "",
    });
  });

  it("are all that the template uses, but for the alias", () => {
    const used = [...yaml.matchAll(/\$\{param:(\w+)/g)].map((match) => match[1] as string);
    expect(used.length).toBeGreaterThan(40);
    const known = parametersIn(yaml);
    expect(used.filter((name) => !known.has(name) && name !== "DdForwarderLog")).toEqual([]);
  });

  it("are none where there is no such block", () => {
    expect(parametersIn("service: a\n").size).toBe(0);
  });
});
