import { findingsOn } from "../../src/cli/deployed-settings.ts";
import { settings } from "../../src/config.ts";

const switches = Object.values(settings)
  .filter(({ default: value }) => typeof value === "boolean")
  .map(({ variables: [variable = ""] }): string => variable);

describe("the settings of a function that is about to be deployed", () => {
  it.each(switches)(
    "have no %s that is neither true nor false, though the function takes it for false",
    async (name) => {
      for (const given of ["true", " False ", "", "TRUE"]) {
        expect(await findingsOn({ [name]: given })).toEqual({ problems: [], warnings: [] });
      }
      expect((await findingsOn({ [name]: "yes" })).problems).toEqual([`${name} must be true or false, got "yes"`]);
    },
  );

  it("are not shown where they may be a secret in the wrong place", async () => {
    const secret = "5ec2e7".repeat(6);
    const { problems } = await findingsOn({ REDACT_EMAIL: secret, DD_COMPRESSION_LEVEL: secret });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain("5ec2e7");
  });

  it("need no API key here: others ask for it", async () => {
    expect(await findingsOn({})).toEqual({ problems: [], warnings: [] });
  });
});
