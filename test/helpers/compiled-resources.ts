import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Properties } from "../emulator/service.ts";

const root = path.join(__dirname, "../..");
const yaml = createRequire(require.resolve("serverless/package.json"))("js-yaml");

/** `!Sub x` is `{ "Fn::Sub": x }`, as in every template of CloudFormation. */
const intrinsics = ["Ref", "GetAtt", "Sub"].map(
  (name) =>
    new yaml.Type(`!${name}`, {
      kind: "scalar",
      construct: (value: string) =>
        name === "Ref" ? { Ref: value } : { [`Fn::${name}`]: name === "GetAtt" ? value.split(".") : value },
    }),
);
const service = yaml.load(readFileSync(path.join(root, "serverless.yml"), "utf8"), {
  schema: yaml.DEFAULT_SCHEMA.extend(intrinsics),
});

/** The parameters of serverless.yml with their defaults. */
export const defaults: Readonly<Record<string, unknown>> = service.params.default;

/**
 * The resources that serverless.yml gives for these parameters, by logical id, through the files that it names: as
 * `serverless package` does it, in a hundredth of the time. What the framework makes of `functions` is not among them.
 */
export async function compiledResources(parameters: object): Promise<Record<string, Properties>> {
  const given: Record<string, unknown> = { ...defaults, ...parameters };
  const lists: { Resources?: Properties }[] = await resolved(service.resources);
  return Object.assign({}, ...lists.map(({ Resources }) => Resources ?? {}));

  // biome-ignore lint/suspicious/noExplicitAny: YAML of any shape
  async function resolved(value: any): Promise<any> {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return Promise.all(value.map(resolved));
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value).map(async ([key, inner]) => [key, await resolved(inner)]);
    return Object.fromEntries(await Promise.all(entries));
  }

  async function text(value: string): Promise<unknown> {
    const whole = /^\$\{([^{}]+)\}$/.exec(value)?.[1];
    if (whole !== undefined) return variable(whole);
    let told = value;
    // What has `AWS::` or a logical id in it is CloudFormation's.
    for (const [place, name = ""] of value.matchAll(/\$\{((?:self|sls|param):[^{}]+)\}/g)) {
      told = told.replace(place, String(await variable(name)));
    }
    return told;
  }

  /** The first of several sources that has a value. */
  async function variable(sources: string): Promise<unknown> {
    for (const source of sources.split(/,\s*/)) {
      const found = await one(source);
      if (found !== null && found !== undefined) return found;
    }
    return null;
  }

  async function one(source: string): Promise<unknown> {
    const [, kind = "", rest = ""] = /^(\w+):?(.*)$/.exec(source) ?? [];
    if (source === "null") return null;
    if (kind === "param") return ofParameter(given[rest]);
    if (kind === "self") return service[rest];
    if (kind === "sls") return "dev";
    if (source.startsWith("'")) return source.slice(1, -1);
    const [, file, name] = /^file\((serverless\/[\w-]+\.cjs)\)(?::(\w+))?$/.exec(source) ?? [];
    if (file === undefined) throw new Error(`serverless.yml has the variable ${source}, which is not resolved here`);
    const module = require(path.join(root, file));
    return (name === undefined ? module : module[name])({ resolveVariable: variable });
  }

  async function ofParameter(value: unknown): Promise<unknown> {
    return typeof value === "string" ? text(value) : value;
  }
}

export interface Right {
  role: string;
  effect: "Allow" | "Deny";
  action: string;
  /** As text: `failed_events/*` of a bucket is somewhere in it. */
  resource: string;
}

/** Every action of every statement of every role, on each of its resources. */
export function rightsIn(resources: Record<string, Properties>): Right[] {
  return Object.entries(resources)
    .filter(([, { Type }]) => Type === "AWS::IAM::Role")
    .flatMap(([role, { Properties: properties }]) =>
      properties.Policies.flatMap((policy: Properties) => policy.PolicyDocument?.Statement ?? []).flatMap(
        ({ Effect, Action, Resource }: Properties) =>
          [Action].flat().flatMap((action: string) =>
            [Resource].flat().map((resource: unknown) => ({
              role,
              effect: Effect,
              action,
              resource: typeof resource === "string" ? resource : JSON.stringify(resource),
            })),
          ),
      ),
    );
}
