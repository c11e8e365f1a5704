/** Where one signal goes by OpenTelemetry's protocol, and how it is spelled there. */
export interface OtlpSettings {
  /** `Destination.name`. */
  name: string;
  /** `Destination.backend`. */
  backend: string;
  /** The whole URL, with the path of the signal. */
  url: string;
  protocol: OtlpProtocol;
}

/** Protobuf, or JSON in protobuf's mapping; both over HTTP. */
export type OtlpProtocol = "http/protobuf" | "http/json";

/** By protocol. */
export const OTLP_HEADERS: Readonly<Record<OtlpProtocol, Readonly<Record<string, string>>>> = {
  "http/protobuf": { "content-type": "application/x-protobuf" },
  "http/json": { "content-type": "application/json" },
};
