import { readFileSync } from "node:fs";
import { isJsonObject } from "../../formats/json-object.ts";
import { CommandError } from "../command-error.ts";
import { addConfiguration, addEventSources, addFunction, addPolicy, addStack, field } from "./answers.ts";
import { nothingKnown, type OldForwarder } from "./old-forwarder.ts";

const REMEDY = `Save one of these as JSON and give it with --file:
  aws lambda get-function --function-name <name>
  aws lambda get-function-configuration --function-name <name>
  aws lambda get-policy --function-name <name>
  aws cloudformation describe-stacks --stack-name <name>`;

/**
 * What the saved answers of the `aws` command tell, each known by its shape.
 *
 * @throws {CommandError} when a file cannot be read or is none of them
 */
export function forwarderInFiles(files: readonly string[]): OldForwarder {
  const forwarder = nothingKnown();
  for (const file of files) addSaved(forwarder, file, readJson(file));
  return forwarder;
}

function addSaved(forwarder: OldForwarder, file: string, saved: unknown): void {
  const { Configuration, FunctionName, Handler, Policy, EventSourceMappings, Stacks } = isJsonObject(saved)
    ? saved
    : ({} as Record<string, unknown>);
  if (isJsonObject(Configuration)) addFunction(forwarder, saved as object);
  else if (typeof FunctionName === "string" && Handler !== undefined) addConfiguration(forwarder, saved as object);
  else if (typeof Policy === "string") addSavedPolicy(forwarder, file, Policy);
  else if (Array.isArray(EventSourceMappings)) addEventSources(forwarder, EventSourceMappings);
  else if (Array.isArray(Stacks)) addStack(forwarder, onlyStack(file, Stacks));
  else throw new CommandError(`${file} is no answer of AWS that tells of a forwarder`, REMEDY);
}

function addSavedPolicy(forwarder: OldForwarder, file: string, policy: string): void {
  try {
    addPolicy(forwarder, policy);
  } catch (error) {
    throw new CommandError(`the policy in ${file} is not JSON`, REMEDY, { cause: error });
  }
}

function onlyStack(file: string, stacks: unknown[]): object {
  const withKey = stacks.filter((stack) => {
    const parameters = field(stack, "Parameters");
    return Array.isArray(parameters) && parameters.some((it) => field(it, "ParameterKey") === "DdApiKey");
  });
  const candidates = stacks.length === 1 ? stacks : withKey;
  const [stack] = candidates;
  if (candidates.length === 1 && isJsonObject(stack)) return stack;
  throw new CommandError(
    `${file} has ${stacks.length} stacks, of which ${candidates.length} are of a Datadog Forwarder`,
    "Save the forwarder's alone: aws cloudformation describe-stacks --stack-name <name>",
  );
}

function readJson(file: string): unknown {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`, REMEDY, { cause: error });
  }
  try {
    return JSON.parse(content);
  } catch {
    throw new CommandError(`${file} is not JSON`, REMEDY);
  }
}
