export interface OtlpSettings {
  /** Of the destination in the ledger. */
  name: string;
  backend: string;
  /** The whole of it. */
  url: string;
  protocol: "http/protobuf" | "http/json";
}
