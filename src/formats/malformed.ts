/** What is read is not what it looks like. It stays inside a reader, which gives `undefined` instead. */
export class MalformedError extends Error {
  override name = "MalformedError";
}

/** @returns undefined where what is read is malformed */
export function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
