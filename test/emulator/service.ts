/** What the emulated services have in common: calls come in, answers go out, CloudFormation makes things in them. */

import type { Readable } from "node:stream";

/** An AWS API call as it came over HTTP. */
export interface AwsCall {
  /** As the signature names it: `s3`, `logs`, `secretsmanager`, … */
  service: string;
  /** Says whose call it is: the key of a function's role, or of a person. */
  accessKeyId: string;
  method: string;
  /** Decoded, without the query: `/bucket/key`. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Buffer;
}

export interface AwsAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** In place of a body, for what goes on after the answer began. */
  stream?: Readable;
}

/** An error as AWS answers it. Each protocol writes it in its own way. */
export class AwsError extends Error {
  override name = "AwsError";
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** A call, or a part of one, that the emulator does not have. */
export class NotEmulated extends AwsError {
  override name = "NotEmulated";
  constructor(what: string) {
    super("NotEmulated", `The emulator does not have ${what}. See test/emulator/README.md.`, 501);
  }
}

export interface Service {
  answer(call: AwsCall): Promise<AwsAnswer>;
  resourceTypes?: Record<string, ResourceType>;
  /** Everything that exists in the service, a readable name each. */
  contents(): string[];
}

// CloudFormation's properties are plain JSON of any shape.
// biome-ignore lint/suspicious/noExplicitAny: each resource type reads its own properties
export type Properties = Record<string, any>;

export interface CreatedResource {
  /** What `Ref` gives. */
  physicalId: string;
  /** What `Fn::GetAtt` gives. */
  attributes?: Record<string, string>;
}

/** How CloudFormation makes, changes and deletes resources of one type. */
export interface ResourceType {
  /**
   * @param generatedName for resources whose template gives no name
   * @param stackName of which AWS makes a tag
   */
  create(properties: Properties, generatedName: string, stackName?: string): Promise<CreatedResource> | CreatedResource;
  /** A type without `update` is replaced when a property changes. */
  update?(physicalId: string, properties: Properties): Promise<CreatedResource> | CreatedResource;
  /** Properties that cannot change in place. */
  replacedFor?: string[];
  delete(physicalId: string, properties: Properties): Promise<void> | void;
}

/** The account and region that the emulator plays. */
export interface Place {
  region: string;
  accountId: string;
}
