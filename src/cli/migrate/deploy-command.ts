import path from "node:path";

/** Commands for a POSIX shell. */
export interface DeployCommands {
  /** Deploys without a subscription. */
  beside: string;
  /** Deploys and subscribes. */
  subscribe: string;
  /** ` --stage … --region …`: what every serverless command needs to find the deployment. */
  place: string;
  /** Parameters that a command line cannot carry, so that they need a file. */
  notCarried: string[];
}

/** Stages whose parameters serverless.yml takes from a file of their own. */
const STAGES_WITH_FILE = ["dev", "prod"];

/**
 * @param missing what a person has to add: a parameter, and what goes there
 * @param region "" = that of the environment
 */
export function deployCommands(
  parameters: Readonly<Record<string, string>>,
  missing: Readonly<Record<string, string>>,
  logGroups: readonly string[],
  region: string,
): DeployCommands {
  const notCarried = Object.keys(parameters).filter((name) => !isCarried(parameters[name] as string));
  const carried = Object.entries({ ...parameters, ...missing }).filter(([name]) => !notCarried.includes(name));
  const place = placeOf("dev", region);
  const beside = `npx serverless deploy${place}${carried.map(parameter).join("")}`;
  const subscribe = `${beside}${parameter(["LogGroups", logGroups.join(",") || "<log groups, with commas between>"])}`;
  return { beside, subscribe, place, notCarried };
}

/** The commands where the parameters are in the file of a stage. */
export function deployCommandsWithFile(
  stage: string,
  missing: Readonly<Record<string, string>>,
  logGroups: readonly string[],
  region: string,
): DeployCommands {
  const place = placeOf(stage, region);
  const subscribe = `npx serverless deploy${place}${Object.entries(missing).map(parameter).join("")}`;
  const none = logGroups.length > 0 ? parameter(["LogGroups", ","]) : "";
  return { beside: `${subscribe}${none}`, subscribe, place, notCarried: [] };
}

function placeOf(stage: string, region: string): string {
  return `${stage === "dev" ? "" : ` --stage ${shellText(stage)}`}${region ? ` --region ${shellText(region)}` : ""}`;
}

/** The stage for which serverless.yml takes parameters from this file; undefined where it takes none from it. */
export function stageOf(file: string, root: string): string | undefined {
  const stage = /^params\.([\w-]+)\.json$/.exec(path.relative(root, path.resolve(file)))?.[1];
  return stage !== undefined && STAGES_WITH_FILE.includes(stage) ? stage : undefined;
}

/** What a stage's file holds. */
export function parametersFile(parameters: Readonly<Record<string, string>>, logGroups: readonly string[]): string {
  return `${JSON.stringify({ ...parameters, ...(logGroups.length > 0 && { LogGroups: logGroups }) }, undefined, 2)}\n`;
}

/** The serverless command cuts a value at the end of its line, and white space at its end. */
function isCarried(value: string): boolean {
  return !value.includes("\n") && value === value.trimEnd();
}

function parameter([name, value]: [string, string]): string {
  return ` --param ${shellText(`${name}=${value}`)}`;
}

/** A text as one word. */
export function shellText(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
