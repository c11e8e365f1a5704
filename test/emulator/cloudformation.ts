import { randomBytes, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { answerQuery } from "./protocols.ts";
import {
  AwsError,
  type CreatedResource,
  type Place,
  type Properties,
  type ResourceType,
  type Service,
} from "./service.ts";
import { creationOrder, resolved, type Scope, type Template, type TemplateResource } from "./template.ts";

interface StackResource extends CreatedResource, DeployedResource {}

interface StackEvent {
  EventId: string;
  StackId: string;
  StackName: string;
  LogicalResourceId: string;
  PhysicalResourceId: string;
  ResourceType: string;
  ResourceStatus: string;
  ResourceStatusReason?: string | undefined;
  Timestamp: string;
}

interface Stack {
  id: string;
  name: string;
  status: string;
  created: string;
  template: Template;
  /** With the template's defaults. */
  parameters: Record<string, string>;
  resources: Map<string, StackResource>;
  /** Newest first, as CloudFormation answers them. */
  events: StackEvent[];
  changeSet?: Template;
}

/** Where the templates are that a client has put into a bucket. */
type ReadObject = (bucket: string, key: string) => Buffer;

export interface DeployedResource {
  type: string;
  /** What `Ref` gives. */
  physicalId: string;
  /** With the names in the template replaced by what they stand for. */
  properties: Properties;
}

export interface CloudFormation extends Service {
  /**
   * The resources of a stack, by logical id.
   *
   * @throws {AwsError} ValidationError, when there is no such stack
   */
  resources(stackName: string): Record<string, DeployedResource>;
  /** Ends when no stack is being changed. */
  idle(): Promise<void>;
}

/**
 * Stacks that are changed by change sets only.
 *
 * Resources are made one after the other. When one cannot be made, everything that this change did is undone.
 */
export function cloudFormation(
  { region, accountId }: Place,
  resourceTypes: Record<string, ResourceType>,
  readObject: ReadObject,
): CloudFormation {
  const stacks = new Map<string, Stack>();
  // The events of a deleted stack can still be asked for by its id.
  const deleted = new Map<string, Stack>();
  let changes: Promise<unknown> = Promise.resolve();

  return {
    contents: () => [...stacks.values()].map(({ name, status }) => `stack ${name} ${status}`),
    resources: (stackName) => Object.fromEntries(find(stackName).resources),
    idle: async () => void (await changes),
    answer: (call) =>
      answerQuery(call, {
        ValidateTemplate: (input) => ({
          Capabilities: ["CAPABILITY_IAM"],
          Description: creationOrder(templateOf(input)).join(" "),
        }),

        CreateChangeSet(input) {
          const { StackName, ChangeSetName, ChangeSetType } = input;
          const template = templateOf(input);
          creationOrder(template);
          if (ChangeSetType === "CREATE" && !stacks.has(StackName)) stacks.set(StackName, newStack(StackName));
          const stack = find(StackName);
          stack.changeSet = template;
          stack.parameters = parametersOf(template, input);
          return { Id: `arn:aws:cloudformation:${region}:${accountId}:changeSet/${ChangeSetName}`, StackId: stack.id };
        },

        DescribeChangeSet({ StackName, ChangeSetName }) {
          const { id, name, changeSet, template } = find(StackName);
          if (!changeSet) throw new AwsError("ChangeSetNotFound", `ChangeSet [${ChangeSetName}] does not exist`, 404);
          const common = { ChangeSetName, StackId: id, StackName: name };
          if (isDeepStrictEqual(changeSet, template)) {
            return { ...common, Status: "FAILED", StatusReason: "The submitted information didn't contain changes." };
          }
          const Changes = Object.entries(changeSet.Resources).map(([LogicalResourceId, { Type }]) => ({
            Type: "Resource",
            ResourceChange: { LogicalResourceId, ResourceType: Type },
          }));
          return { ...common, Status: "CREATE_COMPLETE", ExecutionStatus: "AVAILABLE", Changes };
        },

        ExecuteChangeSet({ StackName, ChangeSetName }) {
          const stack = find(StackName);
          const { changeSet } = stack;
          if (!changeSet) throw new AwsError("ChangeSetNotFound", `ChangeSet [${ChangeSetName}] does not exist`, 404);
          delete stack.changeSet;
          inTurn(() => change(stack, changeSet));
        },

        DeleteChangeSet({ StackName }) {
          delete find(StackName).changeSet;
        },

        DeleteStack({ StackName }) {
          const stack = stacks.get(StackName);
          if (stack) inTurn(() => deleteStack(stack));
        },

        DescribeStacks: ({ StackName }) => ({
          Stacks: (StackName === undefined ? [...stacks.values()] : [find(StackName)]).map((stack) => ({
            StackId: stack.id,
            StackName: stack.name,
            StackStatus: stack.status,
            Description: stack.changeSet?.Description ?? stack.template.Description,
            Parameters: shownParameters(stack),
            CreationTime: stack.created,
            Outputs: outputsOf(stack),
          })),
        }),

        DescribeStackEvents: ({ StackName }) => ({ StackEvents: find(StackName).events }),

        DescribeStackResource({ StackName, LogicalResourceId }) {
          const stack = find(StackName);
          const resource = stack.resources.get(LogicalResourceId);
          if (!resource) {
            throw new AwsError(
              "ValidationError",
              `Resource ${LogicalResourceId} does not exist for stack ${StackName}`,
            );
          }
          return { StackResourceDetail: { StackName, ...described(LogicalResourceId, resource) } };
        },

        ListStackResources: ({ StackName }) => ({
          StackResourceSummaries: [...find(StackName).resources].map(([id, resource]) => described(id, resource)),
        }),
      }),
  };

  async function change(stack: Stack, template: Template) {
    const isNew = stack.resources.size === 0;
    const [change, undone] = isNew ? ["CREATE", "ROLLBACK"] : ["UPDATE", "UPDATE_ROLLBACK"];
    const undo: (() => Promise<unknown>)[] = [];
    record(stack, `${change}_IN_PROGRESS`);
    try {
      for (const logicalId of creationOrder(template)) await apply(stack, template, logicalId, undo);
    } catch (error) {
      record(stack, `${undone}_IN_PROGRESS`, messageOf(error));
      for (const step of undo.reverse()) await step();
      record(stack, `${undone}_COMPLETE`);
      return;
    }
    for (const logicalId of creationOrder(stack.template).reverse()) {
      if (!Object.hasOwn(template.Resources, logicalId)) await deleteResource(stack, logicalId);
    }
    stack.template = template;
    record(stack, `${change}_COMPLETE`);
  }

  async function apply(stack: Stack, template: Template, logicalId: string, undo: (() => Promise<unknown>)[]) {
    const {
      Type: type,
      Properties = {},
      DeletionPolicy,
      UpdateReplacePolicy,
    } = template.Resources[logicalId] as TemplateResource;
    const properties = resolved(Properties, scopeOf(stack)) as Properties;
    const before = stack.resources.get(logicalId);
    if (before && isDeepStrictEqual(before.properties, properties)) return;
    const verb = before ? "UPDATE" : "CREATE";
    recordResource(stack, logicalId, type, `${verb}_IN_PROGRESS`);
    try {
      const resourceType = typeOf(type);
      const { update } = resourceType;
      const replaced = resourceType.replacedFor ?? [];
      const inPlace =
        before && update && replaced.every((name) => isDeepStrictEqual(before.properties[name], properties[name]));
      const after = inPlace
        ? await update(before.physicalId, properties)
        : await resourceType.create(
            properties,
            `${stack.name}-${logicalId}-${randomBytes(6).toString("hex")}`,
            stack.name,
          );
      stack.resources.set(logicalId, { ...after, type, properties });
      undo.push(async () => {
        if (inPlace) await update(before.physicalId, before.properties);
        // `RetainExceptOnCreate` gives up what a failed change has made.
        else if (DeletionPolicy !== "Retain") await resourceType.delete(after.physicalId, properties);
        if (before) stack.resources.set(logicalId, before);
        else stack.resources.delete(logicalId);
      });
      if (before && !inPlace && UpdateReplacePolicy !== "Retain") {
        await resourceType.delete(before.physicalId, before.properties);
        undo.push(async () => void (await resourceType.create(before.properties, before.physicalId)));
      }
      recordResource(stack, logicalId, type, `${verb}_COMPLETE`);
    } catch (error) {
      recordResource(stack, logicalId, type, `${verb}_FAILED`, messageOf(error));
      throw error;
    }
  }

  async function deleteStack(stack: Stack) {
    record(stack, "DELETE_IN_PROGRESS");
    try {
      for (const logicalId of creationOrder(stack.template).reverse()) await deleteResource(stack, logicalId);
    } catch (error) {
      record(stack, "DELETE_FAILED", messageOf(error));
      return;
    }
    record(stack, "DELETE_COMPLETE");
    stacks.delete(stack.name);
    deleted.set(stack.id, stack);
  }

  async function deleteResource(stack: Stack, logicalId: string) {
    const resource = stack.resources.get(logicalId);
    if (!resource) return;
    const { DeletionPolicy = "Delete" } = stack.template.Resources[logicalId] ?? {};
    if (DeletionPolicy.startsWith("Retain")) {
      recordResource(stack, logicalId, resource.type, "DELETE_SKIPPED");
      stack.resources.delete(logicalId);
      return;
    }
    recordResource(stack, logicalId, resource.type, "DELETE_IN_PROGRESS");
    try {
      await typeOf(resource.type).delete(resource.physicalId, resource.properties);
    } catch (error) {
      recordResource(stack, logicalId, resource.type, "DELETE_FAILED", messageOf(error));
      throw error;
    }
    stack.resources.delete(logicalId);
    recordResource(stack, logicalId, resource.type, "DELETE_COMPLETE");
  }

  function scopeOf(stack: Stack): Scope {
    const pseudoParameters: Record<string, string> = {
      "AWS::AccountId": accountId,
      "AWS::Region": region,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": stack.name,
      "AWS::StackId": stack.id,
    };
    return {
      ref(name) {
        const value = pseudoParameters[name] ?? stack.parameters[name] ?? stack.resources.get(name)?.physicalId;
        if (value === undefined) throw new AwsError("ValidationError", `Unresolved reference: ${name}`);
        return value;
      },
      attribute(logicalId, attribute) {
        const value = stack.resources.get(logicalId)?.attributes?.[attribute];
        if (value === undefined) throw new AwsError("ValidationError", `Unresolved: ${logicalId}.${attribute}`);
        return value;
      },
    };
  }

  function outputsOf(stack: Stack) {
    return Object.entries(stack.template.Outputs ?? {}).map(([OutputKey, { Value, Description, Export }]) => ({
      OutputKey,
      OutputValue: resolved(Value, scopeOf(stack)),
      Description,
      ExportName: Export?.Name,
    }));
  }

  function record(stack: Stack, status: string, reason?: string) {
    stack.status = status;
    addEvent(stack, stack.name, stack.id, "AWS::CloudFormation::Stack", status, reason);
  }

  function recordResource(stack: Stack, logicalId: string, type: string, status: string, reason?: string) {
    addEvent(stack, logicalId, stack.resources.get(logicalId)?.physicalId ?? "", type, status, reason);
  }

  function addEvent(
    { id, name, events }: Stack,
    LogicalResourceId: string,
    PhysicalResourceId: string,
    ResourceType: string,
    ResourceStatus: string,
    ResourceStatusReason?: string,
  ) {
    events.unshift({
      EventId: randomUUID(),
      StackId: id,
      StackName: name,
      LogicalResourceId,
      PhysicalResourceId,
      ResourceType,
      ResourceStatus,
      ResourceStatusReason,
      Timestamp: new Date().toISOString(),
    });
  }

  function inTurn(step: () => Promise<void>) {
    changes = changes.then(step);
  }

  function typeOf(type: string): ResourceType {
    const resourceType = resourceTypes[type.startsWith("Custom::") ? "Custom::" : type];
    if (!resourceType) throw new AwsError("ValidationError", `The emulator has no resource type ${type}.`);
    return resourceType;
  }

  function find(nameOrId: string): Stack {
    const stack =
      stacks.get(nameOrId) ?? [...stacks.values()].find(({ id }) => id === nameOrId) ?? deleted.get(nameOrId);
    if (!stack) throw new AwsError("ValidationError", `Stack with id ${nameOrId} does not exist`);
    return stack;
  }

  function newStack(name: string): Stack {
    return {
      id: `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${randomUUID()}`,
      name,
      status: "REVIEW_IN_PROGRESS",
      created: new Date().toISOString(),
      template: { Resources: {} },
      parameters: {},
      resources: new Map(),
      events: [],
    };
  }

  function templateOf(input: { TemplateBody?: string; TemplateURL?: string }): Template {
    return JSON.parse(input.TemplateBody ?? readUrl(input.TemplateURL ?? ""));
  }

  function readUrl(url: string): string {
    const [, bucket = "", ...key] = decodeURIComponent(new URL(url).pathname).split("/");
    return readObject(bucket, key.join("/")).toString();
  }
}

/** What the caller gives as `Parameters.member.<n>.ParameterKey` and `…ParameterValue`, else the defaults. */
function parametersOf({ Parameters = {} }: Template, input: Record<string, string>): Record<string, string> {
  const given: Record<string, string> = {};
  for (let member = 1; input[`Parameters.member.${member}.ParameterKey`] !== undefined; member++) {
    given[input[`Parameters.member.${member}.ParameterKey`] as string] =
      input[`Parameters.member.${member}.ParameterValue`] ?? "";
  }
  const values = Object.entries(Parameters).map(([name, { Default }]) => [name, given[name] ?? Default ?? ""]);
  return Object.fromEntries(values);
}

function shownParameters({ template, parameters }: Stack) {
  return Object.entries(parameters).map(([ParameterKey, value]) => ({
    ParameterKey,
    ParameterValue: template.Parameters?.[ParameterKey]?.NoEcho ? "****" : value,
  }));
}

function described(LogicalResourceId: string, { type, physicalId }: StackResource) {
  return { LogicalResourceId, PhysicalResourceId: physicalId, ResourceType: type, ResourceStatus: "CREATE_COMPLETE" };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
