/** Bytes with three more behind them, so that four can be read at once anywhere among them. */
export class PaddedBytes {
  readonly length: number;
  readonly view: DataView;

  constructor(source: Uint8Array) {
    const bytes = new Uint8Array(source.length + 3);
    bytes.set(source);
    this.length = source.length;
    this.view = new DataView(bytes.buffer);
  }
}
