/** Sets of options of `live`, by name, in a file of the folder where it is called. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CommandError } from "../command-error.ts";
import type { GivenOptions } from "./live-arguments.ts";

export const PROFILES_FILE = ".log-trace-forwarder.json";

const LISTS: readonly string[] = ["names", "pattern", "stack"];
const TEXTS: readonly string[] = ["region", "since", "query", "otlp", "port", "save"];
const SWITCHES: readonly string[] = ["poll", "terminal"];

/** @throws {CommandError} when there is none of that name, or it cannot be used */
export function readProfile(name: string, folder: string): GivenOptions {
  const profiles = readProfiles(folder);
  if (!Object.hasOwn(profiles, name)) {
    const known = Object.keys(profiles);
    throw new CommandError(
      `there is no profile ${JSON.stringify(name)} in ${PROFILES_FILE}`,
      known.length > 0 ? `There are ${known.join(", ")}.` : `Make it: … --save-profile ${name}`,
    );
  }
  return optionsIn(profiles[name], name);
}

/** @throws {CommandError} when the file cannot be read or written */
export function saveProfile(name: string, options: GivenOptions, folder: string): void {
  const profiles = readProfiles(folder);
  Object.defineProperty(profiles, name, { value: options, enumerable: true, configurable: true, writable: true });
  const file = path.join(folder, PROFILES_FILE);
  try {
    writeFileSync(file, `${JSON.stringify({ live: profiles }, undefined, 2)}\n`);
  } catch (error) {
    throw new CommandError(`cannot write ${file}: ${codeOf(error)}`, "Call it in a folder that may be written.", {
      cause: error,
    });
  }
}

function readProfiles(folder: string): Record<string, unknown> {
  const file = path.join(folder, PROFILES_FILE);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return {};
    throw new CommandError(`cannot read ${file}: ${codeOf(error)}`, "Make it readable, or leave profiles out.");
  }
  try {
    const { live } = JSON.parse(text) as { live?: unknown };
    if (isObject(live)) return live;
  } catch {
    // Said below, without showing any of it.
  }
  throw new CommandError(`${file} is not {"live": {"<name>": {…}}}`, "Mend it, or move it away.");
}

function optionsIn(profile: unknown, name: string): GivenOptions {
  if (!isObject(profile)) throw wrong(name, "it is no object");
  for (const [key, value] of Object.entries(profile)) {
    if (LISTS.includes(key)) {
      if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
        throw wrong(name, `${key} must be a list of texts`);
      }
    } else if (TEXTS.includes(key)) {
      if (typeof value !== "string") throw wrong(name, `${key} must be a text`);
    } else if (SWITCHES.includes(key)) {
      if (typeof value !== "boolean") throw wrong(name, `${key} must be true or false`);
    } else throw wrong(name, `there is no option ${JSON.stringify(key.slice(0, 100))}`);
  }
  return profile as GivenOptions;
}

function wrong(name: string, what: string): CommandError {
  const known = [...LISTS, ...TEXTS, ...SWITCHES].join(", ");
  return new CommandError(
    `the profile ${JSON.stringify(name)} in ${PROFILES_FILE} cannot be used: ${what}`,
    `Its options are ${known}.`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown error";
}
