import type { AwsCall } from "../emulator/service.ts";

/** A call as AWS SDKs make it of services that speak JSON. @param target `service.Operation` */
export function anAwsCall(target: string, body: Buffer): AwsCall {
  return {
    service: "",
    accessKeyId: "",
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: { "x-amz-target": target },
    body,
  };
}
