/** A delivery of CloudWatch Logs inside a content, in as many pieces as it comes. */
import { type Cut, type Part, UnreadableEventError } from "./source.ts";
import { EnvelopeReader } from "./subscription-envelope.ts";

/** CloudWatch Logs delivers a tenth of it. What is longer has no end. */
const MAX_BYTES = 32 * 1024 * 1024;

export class EnclosedDelivery {
  readonly #reader: EnvelopeReader;
  #bytes = 0;
  #problem: UnreadableEventError | undefined;

  constructor(cut: Cut) {
    this.#reader = new EnvelopeReader(cut);
  }

  /** What is wrong with it; the rest of it is passed over. */
  get problem(): UnreadableEventError | undefined {
    return this.#problem;
  }

  *read(piece: Buffer, isLast: boolean): Generator<Part> {
    this.#bytes += piece.length;
    // A reader that has failed takes no more.
    if (this.#problem) return;
    try {
      if (this.#bytes > MAX_BYTES) {
        throw new UnreadableEventError(`a delivery of CloudWatch Logs has more than ${MAX_BYTES} bytes`);
      }
      yield* this.#reader.read(piece, isLast);
    } catch (error) {
      if (!(error instanceof UnreadableEventError)) throw error;
      this.#problem = error;
    }
  }
}
