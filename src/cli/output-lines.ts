/** CloudWatch takes log events of up to 1 MB; Lambda cuts longer lines into consecutive events. */
const maxLineBytes = 1_000_000;

const newline = 0x0a;

/**
 * Cuts a stream of bytes into lines without their newline.
 *
 * A line longer than `maxBytes` is given in pieces, never cut inside a UTF-8 character. `end` gives what is left
 * after the last newline, if anything.
 */
export function outputLines(onLine: (line: string) => void, maxBytes = maxLineBytes) {
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  return { push, end };

  function push(chunk: Buffer) {
    let start = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
      keep(chunk.subarray(start, at));
      give();
      start = at + 1;
    }
    keep(chunk.subarray(start));
  }

  function end() {
    if (pendingBytes > 0) give();
  }

  function keep(bytes: Buffer) {
    pending.push(bytes);
    pendingBytes += bytes.length;
    if (pendingBytes <= maxBytes) return;
    let line = Buffer.concat(pending);
    while (line.length > maxBytes) {
      let cut = maxBytes;
      while (cut > maxBytes - 4 && isContinuation(line[cut])) cut--;
      onLine(line.toString("utf8", 0, cut));
      line = line.subarray(cut);
    }
    pending = [line];
    pendingBytes = line.length;
  }

  function give() {
    const line = pending.length === 1 && pending[0] ? pending[0] : Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    onLine(line.toString("utf8"));
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
