/** Items of a stored body of the archive. */

const LINE_FEED = 0x0a;
/** What a line begins with that continues the item of the line before. */
export const CONTINUATION = " ";

/**
 * The items of a body, byte for byte, each of one or more lines. They share the body's memory.
 *
 * @throws {Error} when the body is not made of lines
 */
export function archiveItemsIn(body: Uint8Array): Uint8Array[] {
  if (body.at(-1) !== LINE_FEED)
    throw new Error("the stored body does not end with its last line: keep it for a person");
  const items: Uint8Array[] = [];
  let start = 0;
  for (let end = body.indexOf(LINE_FEED); end !== -1; end = body.indexOf(LINE_FEED, end + 1)) {
    if (body[end + 1] === CONTINUATION.charCodeAt(0)) continue;
    items.push(body.subarray(start, end));
    start = end + 1;
  }
  return items;
}
