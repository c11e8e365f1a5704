/** What CloudFormation and a custom resource say to each other. */

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export interface CustomResourceRequest {
  RequestType: "Create" | "Update" | "Delete";
  /** Signed: whoever has it can answer. */
  ResponseURL: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
  PhysicalResourceId?: string;
  ResourceProperties: Readonly<Record<string, unknown>>;
  OldResourceProperties?: Readonly<Record<string, unknown>>;
}

export function isCustomResourceRequest(event: unknown): event is CustomResourceRequest {
  const { RequestType, ResponseURL } = (event ?? {}) as Partial<CustomResourceRequest>;
  return ["Create", "Update", "Delete"].includes(RequestType ?? "") && typeof ResponseURL === "string";
}

/** All that an answer needs of its request. */
export type Answerable = Pick<CustomResourceRequest, "ResponseURL" | "StackId" | "RequestId" | "LogicalResourceId"> & {
  physicalResourceId: string;
};

export interface CustomResourceAnswer {
  status: "SUCCESS" | "FAILED";
  /** What a person reads in the stack's events. */
  reason: string;
  /** What `Fn::GetAtt` gives. */
  attributes: Record<string, string>;
}

/** CloudFormation takes 4,096 bytes in all. */
const MAX_REASON = 1_000;

/** The body that is put to the request's URL. */
export function answerBody(request: Answerable, { status, reason, attributes }: CustomResourceAnswer): string {
  return JSON.stringify({
    Status: status,
    Reason: reason.slice(0, MAX_REASON),
    PhysicalResourceId: request.physicalResourceId,
    StackId: request.StackId,
    RequestId: request.RequestId,
    LogicalResourceId: request.LogicalResourceId,
    Data: attributes,
  });
}
