/** Adds to a resource what AWS's tags say of it. */
import type { Resource } from "../telemetry.ts";

export type ResourceTags = Pick<Resource, "tags" | "functionTags">;

/** The tags of the resource with these attributes; empty where there are none, or they cannot be had. Never rejects. */
export type FindTags = (attributes: Resource["attributes"]) => Promise<ResourceTags>;

/** The resource with its tags. A `service` among them is its service: the log group's, else the function's. */
export async function withTags(resource: Resource, find?: FindTags): Promise<Resource> {
  if (!find) return resource;
  const { tags, functionTags } = await find(resource.attributes);
  const service = [...tags, ...functionTags].find((tag) => tag.startsWith("service:"))?.slice("service:".length);
  const attributes = service ? { ...resource.attributes, "service.name": service } : resource.attributes;
  return { ...resource, attributes, tags, functionTags };
}
