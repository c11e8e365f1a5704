import type { Circuits } from "./courier.ts";
import type { FailureStore } from "./failure-store.ts";

/** Where what cannot be delivered goes, and what is remembered of the trouble. */
export interface Refuge {
  openStore(): Promise<FailureStore | null>;
  circuits: Circuits;
  /** Whether there are other backends, which must not wait for this one. */
  isShared?: boolean;
}
