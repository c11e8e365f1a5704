import type { RequestOptions, request } from "node:http";

/** PEM. */
export interface Certificates {
  /** What is trusted, instead of the usual. */
  ca?: Buffer;
  key?: Buffer;
  cert?: Buffer;
}

/** How requests get to one URL. */
export interface Route {
  request: typeof request;
  options: RequestOptions;
  /** Whom it is for: name or address, and the port where it is not the usual. */
  host: string;
  /** Of every request. */
  headers?: Record<string, string>;
  /** Only by way of a proxy. */
  proxy?: {
    /** For people, without credentials: `proxy proxy.example.com:3128`. */
    name: string;
    /** Whether the proxy passes on bytes alone, so that an answer cannot be its own. */
    isTunnel: boolean;
  };
}
