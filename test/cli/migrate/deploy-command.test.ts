import { execFileSync } from "node:child_process";
import fc from "fast-check";
import {
  deployCommands,
  deployCommandsWithFile,
  parametersFile,
  shellText,
  stageOf,
} from "../../../src/cli/migrate/deploy-command.ts";

describe("the command that deploys", () => {
  it("names every parameter, and subscribes only in the second place", () => {
    const parameters = { DdTags: "env:prod,team:it's", DdSite: "datadoghq.eu" };
    expect(deployCommands(parameters, { DdApiKeySecretArn: "<ARN>" }, ["/a", "/b"], "eu-west-1")).toEqual({
      beside: `npx serverless deploy --region eu-west-1 --param 'DdTags=env:prod,team:it'\\''s' --param DdSite=datadoghq.eu --param 'DdApiKeySecretArn=<ARN>'`,
      subscribe: expect.stringMatching(/'DdApiKeySecretArn=<ARN>' --param LogGroups=\/a,\/b$/),
      place: " --region eu-west-1",
      notCarried: [],
    });
  });

  it("leaves out what serverless would cut, and tells it", () => {
    const { beside, notCarried } = deployCommands(
      { IncludeAtMatch: "a ", ExcludeAtMatch: "a\nb", DdTags: " a" },
      {},
      [],
      "",
    );
    expect(notCarried).toEqual(["IncludeAtMatch", "ExcludeAtMatch"]);
    expect(beside).toBe("npx serverless deploy --param 'DdTags= a'");
  });

  it("names the stage whose file has the parameters", () => {
    expect(deployCommandsWithFile("prod", {}, ["/a"], "")).toMatchObject({
      beside: "npx serverless deploy --stage prod --param LogGroups=,",
      subscribe: "npx serverless deploy --stage prod",
    });
    expect(deployCommandsWithFile("dev", {}, [], "").beside).toBe("npx serverless deploy");
    expect(JSON.parse(parametersFile({ DdTags: "a" }, ["/a"]))).toEqual({ DdTags: "a", LogGroups: ["/a"] });
  });

  it("knows the files that serverless.yml takes", () => {
    expect(stageOf("/here/params.prod.json", "/here")).toBe("prod");
    expect(
      ["/here/params.qa.json", "/there/params.prod.json", "/here/prod.json"].map((it) => stageOf(it, "/here")),
    ).toEqual(Array(3).fill(undefined));
  });

  it("is one word for a shell, whatever a value holds", () => {
    const texts = fc.array(
      fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "").replace(/[\ud800-\udfff]/g, "")),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(texts, (given) => {
        const program = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";
        const line = [process.execPath, "-e", program, "--", ...given].map(shellText).join(" ");
        expect(JSON.parse(execFileSync("/bin/sh", ["-c", line], { encoding: "utf8" }))).toEqual(given);
      }),
      { numRuns: 10 },
    );
  });
});
