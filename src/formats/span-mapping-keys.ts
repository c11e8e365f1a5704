/** Attributes by which the two directions of the mapping understand each other. docs/mapping.md gives the reasons. */

/** Attributes of Datadog's spans that are fields of OpenTelemetry's. */
export const KIND = "span.kind";
export const ENV = "env";
export const VERSION = "version";
export const TRACE_STATE = "w3c.tracestate";
export const LINKS = "_dd.span_links";
export const EVENTS = "events";
export const PRIORITY = "_sampling_priority_v1";
export const ANALYTICS = "_dd1.sr.eausr";

/** Attributes of OpenTelemetry's spans that are fields of Datadog's. */
export const SERVICE_NAME = "service.name";
export const OPERATION_NAME = "operation.name";
export const RESOURCE_NAME = "resource.name";
export const SPAN_TYPE = "span.type";
export const SAMPLING_PRIORITY = "sampling.priority";
export const ANALYTICS_EVENT = "analytics.event";

/** Attributes of OpenTelemetry's resources. */
export const SERVICE_VERSION = "service.version";
export const ENVIRONMENT = "deployment.environment.name";
export const OLD_ENVIRONMENT = "deployment.environment";
export const SDK_NAME = "telemetry.sdk.name";
/** The `telemetry.sdk.name` of spans that a tracer of Datadog made. */
export const DATADOG_SDK = "datadog";

/** What Datadog's agent notes of OpenTelemetry's spans. */
export const OTEL_TRACE_ID = "otel.trace_id";
export const OTEL_STATUS_CODE = "otel.status_code";
export const OTEL_STATUS_DESCRIPTION = "otel.status_description";
export const OTEL_SCOPE_NAMES = ["otel.scope.name", "otel.library.name"] as const;
export const OTEL_SCOPE_VERSIONS = ["otel.scope.version", "otel.library.version"] as const;
export const HAS_EXCEPTION = "_dd.span_events.has_exception";
/** Our own: the name, where nothing of the Datadog span says it. */
export const OTEL_SPAN_NAME = "otel.span.name";

/** By code. */
export const STATUS_NAMES = ["Unset", "Ok", "Error"] as const;
