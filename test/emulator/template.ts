import { AwsError, NotEmulated, type Properties } from "./service.ts";

export interface TemplateResource {
  Type: string;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Properties?: Properties;
}

export interface Template {
  Description?: string;
  Parameters?: Record<string, { Type: string; Default?: string; NoEcho?: boolean }>;
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown; Description?: string; Export?: { Name: string } }>;
}

/** What the names in a template stand for. */
export interface Scope {
  ref(name: string): string;
  attribute(logicalId: string, attribute: string): string;
}

/**
 * A value of a template with its `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join` and `Fn::Split` replaced by what they stand
 * for, and without what is `AWS::NoValue`.
 */
export function resolved(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isNothing(item)).map((item) => resolved(item, scope));
  if (value === null || typeof value !== "object") return value;
  const [name = "", argument] = Object.entries(value)[0] ?? [];
  if (name === "Ref") return scope.ref(argument);
  if (name === "Fn::GetAtt") return scope.attribute(...attributeName(argument));
  if (name === "Fn::Sub") return substituted(argument, scope);
  if (name === "Fn::Join") {
    const [separator, parts] = argument;
    return (resolved(parts, scope) as string[]).join(separator);
  }
  if (name === "Fn::Split") {
    const [separator, text] = argument;
    return (resolved(text, scope) as string).split(separator);
  }
  if (name.startsWith("Fn::")) throw new NotEmulated(`${name} in CloudFormation templates`);
  const given = Object.entries(value).filter(([, child]) => !isNothing(child));
  return Object.fromEntries(given.map(([key, child]) => [key, resolved(child, scope)]));
}

function isNothing(value: unknown): boolean {
  return typeof value === "object" && (value as { Ref?: unknown } | null)?.Ref === "AWS::NoValue";
}

/**
 * The logical ids in an order in which each comes after all that it needs.
 *
 * @throws {AwsError} when resources need each other
 */
export function creationOrder({ Resources }: Template): string[] {
  const order = new Set<string>();
  for (const logicalId of Object.keys(Resources)) visit(logicalId, []);
  return [...order];

  function visit(logicalId: string, path: string[]) {
    const resource = Resources[logicalId];
    if (!resource || order.has(logicalId)) return;
    if (path.includes(logicalId)) {
      throw new AwsError("ValidationError", `Circular dependency between resources: [${path.join(", ")}]`);
    }
    const needed = [...[resource.DependsOn ?? []].flat(), ...namesIn(resource.Properties)];
    for (const name of needed) visit(name, [...path, logicalId]);
    order.add(logicalId);
  }
}

function namesIn(value: unknown): string[] {
  const names: string[] = [];
  const scope: Scope = {
    ref: (name) => seen(name),
    attribute: (logicalId) => seen(logicalId),
  };
  resolved(value, scope);
  return names;

  function seen(name: string) {
    names.push(name);
    return name;
  }
}

function substituted(text: unknown, scope: Scope): string {
  if (typeof text !== "string") throw new NotEmulated("Fn::Sub with a list");
  return text.replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) =>
    name.includes(".") ? scope.attribute(...attributeName(name)) : scope.ref(name),
  );
}

function attributeName(argument: string | [string, string]): [string, string] {
  if (typeof argument !== "string") return argument;
  const dot = argument.indexOf(".");
  return [argument.slice(0, dot), argument.slice(dot + 1)];
}
