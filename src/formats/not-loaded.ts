/** Exists so that work without a pause can ask for what takes one: whoever catches it loads, and begins again. */
export class NotLoadedError extends Error {
  constructor(readonly load: () => Promise<void>) {
    super("a part is needed that is not loaded");
  }
}
