/** That the pages for operators name what the function says, and nothing else. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { otlpSettings } from "../src/config/otlp.ts";
import { settings } from "../src/config.ts";
import type { Ledger } from "../src/delivery/ledger.ts";
import { aDelivery } from "./helpers/deliveries.ts";
import { forwarderRun } from "./helpers/forwarder-runs.ts";
import { anIntake } from "./helpers/intake.ts";

const root = path.join(__dirname, "..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const troubleshooting = read("docs/troubleshooting.md");
const ledgerPage = read("docs/ledger.md");

/** What the code of the function says; `…` stands for what it fills in. */
const said = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.startsWith("viewer"))
  .map((file) => withoutFillings(read(path.join("src", file))))
  .join("\n");

/** `${…}` as `…`, also where it holds braces. */
function withoutFillings(source: string): string {
  let text = source;
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replace(/\$\{[^{}]*\}/g, "…").replace(/(\$\{[^{}]*)\{([^{}]*)\}/g, "$1($2)");
  }
  return text;
}

/** The rows of the tables of a section, as cells. */
function rowsOf(page: string, heading: string): string[][] {
  const [, rest = ""] = page.split(`\n## ${heading}\n`);
  const [section = ""] = rest.split("\n## ");
  return section
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| -|^\| (?:line|reason|what|field)\b[^`]*\|/.test(line))
    .map((line) => line.slice(2, -2).split(" | "));
}

/** The spans of code, not the blocks. */
const codeIn = (text = ""): string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

/** The names of the properties of an interface in `delivery/ledger.ts`. */
function fieldsOf(name: string): string[] {
  const [, body = ""] = new RegExp(`^export interface ${name} .*\\{\n([\\s\\S]*?)^\\}`, "m").exec(
    read("src/delivery/ledger.ts"),
  ) as string[];
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, field = ""]) => field);
}

const FIELDS = ["Ledger", "DestinationBooks", "RedriveBooks", "TargetBooks"].flatMap(fieldsOf);

describe("the page for what is missing", () => {
  it("names lines that the function prints", () => {
    const lines = rowsOf(troubleshooting, "Lines").map(([line]) => codeIn(line)[0] as string);
    expect(lines.length).toBeGreaterThan(20);
    const unsaid = lines.filter((line) => !said.includes(line.replace(/^…|…$/g, "").trim()));
    expect(unsaid).toEqual([]);
  });

  it.each(["A log is missing", "It is late"])("names fields and reasons that the ledger can have: %s", (heading) => {
    const named = rowsOf(troubleshooting, heading).flatMap(([what]) => codeIn(what));
    expect(named.length).toBeGreaterThan(8);
    const isSaid = (reason: string): boolean =>
      FIELDS.includes(reason) ||
      Object.values(settings).some(({ variables }) => variables.some((variable) => reason.startsWith(variable))) ||
      new RegExp(`["'\`(]${reason.replace(/^no endpoint for logs$/, "no endpoint for …")}["'\`:]`).test(said) ||
      new RegExp(`\\b${reason}: `).test(said);
    const ofTheSystem = /^(?:HTTP \d{3}|E[A-Z]+|Task timed out)$/;
    expect(named.filter((reason) => !isSaid(reason) && !ofTheSystem.test(reason))).toEqual([]);
  });

  it.each([
    ["troubleshooting", troubleshooting],
    ["ledger", ledgerPage],
  ])("names settings that there are: %s", (_, page) => {
    const known = new Set<string>(
      [...Object.values(settings), ...Object.values(otlpSettings)].flatMap(({ variables }) => [...variables]),
    );
    const named = codeIn(page).flatMap((code) => code.match(/\b[A-Z\d]+(?:_[A-Z\d]+)+\b/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    const parameters = codeIn(page).filter((code) => /^[A-Z][a-z]+(?:[A-Z][a-z]+)+$/.test(code));
    const template = read("serverless.yml");
    const ofAws = ["IncomingBytes"];
    expect(parameters.filter((name) => !template.includes(`${name}:`) && !ofAws.includes(name))).toEqual([]);
  });
});

describe("the page of the ledger", () => {
  it("has every field, and no other", () => {
    const named = codeIn(ledgerPage.slice(0, ledgerPage.indexOf("## Questions")));
    expect([...FIELDS, "storeError"].filter((field) => !named.includes(field))).toEqual([]);
    const fields = rowsOf(ledgerPage, "The ledger").flatMap(([cell]) => codeIn(cell));
    expect(fields.length).toBeGreaterThan(20);
    expect(fields.filter((field) => !FIELDS.includes(field))).toEqual([]);
  });

  it("has queries whose fields a printed ledger has", async () => {
    const questions = ledgerPage.slice(ledgerPage.indexOf("## Questions"));
    const queries = [...questions.matchAll(/^```\n([\s\S]*?)^```/gm)].map(([, query = ""]) => query);
    expect(queries.length).toBeGreaterThan(4);
    const paths = new Set(queries.flatMap((query) => query.match(/\bledger(?:\.[\w-]+)+/g) ?? []));
    expect(paths.size).toBeGreaterThan(12);
    const ledger = {
      ...(await aPrintedLedger()),
      redrive: Object.fromEntries(
        fieldsOf("RedriveBooks")
          .concat(fieldsOf("DestinationBooks"))
          .map((field) => [field, 0]),
      ),
    };
    const missing = [...paths].filter((of) => {
      const [, field = "", key = ""] = of.split(".");
      if (field === "links") return !read("src/telemetry.ts").includes(`| "${key}"`);
      const value = (ledger as Record<string, unknown>)[field];
      return value === undefined || (key !== "" && !Object.hasOwn(value as object, key));
    });
    expect(missing).toEqual([]);
  });

  it("has a query that finds the reasons in the line as it is printed", async () => {
    const [, pattern = ""] = /parse @message \/(.+)\/$/m.exec(ledgerPage) as string[];
    const [, filter = ""] = /@message like \/(.+)\/$/m.exec(ledgerPage) as string[];
    const intake = await anIntake(403, 202);
    try {
      const { output } = await forwarderRun(intake, aDelivery(["a", "b"]), { DD_USE_COMPRESSION: "false" });
      const line = output.split("\n").find((text) => text.includes('"message":"ledger"')) as string;
      expect(line).toMatch(new RegExp(filter));
      expect(new RegExp(pattern).exec(line)?.groups).toEqual({ stored: "", failed: '"HTTP 403":2' });
    } finally {
      await intake.stop();
    }
  });

  it("shows what a printed ledger begins with", async () => {
    const ledger = await aPrintedLedger();
    const shown = JSON.parse(
      (/^ "ledger":(\{[\s\S]*?"unaccounted":0\})/m.exec(ledgerPage) as string[])[1] as string,
    ) as Ledger;
    expect(Object.keys(shown)).toEqual(Object.keys(ledger));
    const books = Object.values(ledger.destinations)[0] as object;
    for (const destination of Object.values(shown.destinations))
      expect(Object.keys(destination)).toEqual(Object.keys(books));
  });
});

/** Of a delivery that the intake takes. */
async function aPrintedLedger(): Promise<Ledger> {
  const intake = await anIntake(202);
  try {
    const { ledger } = await forwarderRun(intake, aDelivery(["a"]));
    return ledger;
  } finally {
    await intake.stop();
  }
}
