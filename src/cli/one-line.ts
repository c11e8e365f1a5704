/** A text as one line of at most `width` characters, without what would move the cursor or change colours. */
export function oneLine(text: string, width: number): string {
  // Only the part that can be seen is worth the work; spaces shrink, so a little more than that is looked at.
  const plain = text
    .slice(0, width * 4)
    .replace(/\s+/g, " ")
    .replace(/\p{Cc}|\p{Cf}/gu, "")
    .trim();
  const characters = [...plain];
  return characters.length > width ? `${characters.slice(0, width - 1).join("")}…` : plain;
}
