/** A secret that is read once and kept while the process lives. */
export interface KeptSecret<Value> {
  /** A read that failed is tried again. @throws as the read */
  get(): Promise<Value>;
  /** Reads it again; the old one stays when that fails. Whether it is another one. */
  renew(): Promise<boolean>;
}

/** @param isSame whether two values are one */
export function keptSecret<Value>(
  read: () => Promise<Value>,
  isSame: (a: Value | undefined, b: Value) => boolean = (a, b) => a === b,
): KeptSecret<Value> {
  let kept: Promise<Value> | undefined;
  return {
    get() {
      kept ??= read().catch((error: unknown) => {
        kept = undefined;
        throw error;
      });
      return kept;
    },
    async renew() {
      try {
        const [old, renewed] = [await kept, await read()];
        kept = Promise.resolve(renewed);
        return !isSame(old, renewed);
      } catch {
        return false;
      }
    },
  };
}
