import type { Iam } from "./iam.ts";
import { answerJson } from "./protocols.ts";
import { AwsError, type Service } from "./service.ts";

const MAX_PER_PAGE = 100;

/** The Resource Groups Tagging API: tags of any ARN, whether there is such a resource or not. */
export function resourceGroupsTagging(iam: Pick<Iam, "authorize">): Service {
  const resources = new Map<string, Map<string, string>>();

  return {
    contents: () => [],
    answer: (call) =>
      answerJson(call, {
        TagResources({ ResourceARNList, Tags }) {
          for (const arn of ResourceARNList) {
            resources.set(arn, new Map([...(resources.get(arn) ?? []), ...Object.entries<string>(Tags)]));
          }
          return { FailedResourcesMap: {} };
        },
        UntagResources({ ResourceARNList, TagKeys }) {
          for (const arn of ResourceARNList) for (const key of TagKeys) resources.get(arn)?.delete(key);
          return { FailedResourcesMap: {} };
        },
        GetResources(
          { ResourceTypeFilters = [], ResourcesPerPage = MAX_PER_PAGE, PaginationToken = "" },
          { accessKeyId },
        ) {
          // There is no narrower right: the call names no resource.
          iam.authorize(accessKeyId, "tag:GetResources", "*");
          if (ResourcesPerPage < 1 || ResourcesPerPage > MAX_PER_PAGE) {
            throw new AwsError("InvalidParameterException", "ResourcesPerPage must be from 1 to 100");
          }
          const found = [...resources].filter(
            ([arn]) =>
              ResourceTypeFilters.length === 0 || ResourceTypeFilters.some((type: string) => isOfType(arn, type)),
          );
          const start = Number(PaginationToken);
          const end = start + ResourcesPerPage;
          return {
            PaginationToken: end < found.length ? String(end) : "",
            ResourceTagMappingList: found.slice(start, end).map(([ResourceARN, tags]) => ({
              ResourceARN,
              Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
            })),
          };
        },
      }),
  };
}

/** Of buckets, whose ARN says nothing of a type, only `s3:bucket` is known. */
function isOfType(arn: string, filter: string): boolean {
  const [, , service, , , rest = ""] = arn.split(":");
  const [filteredService, type] = filter.split(":");
  return service === filteredService && (type === undefined || service === "s3" || rest === type);
}
