/**
 * Whether a name is like a pattern, in which `*` stands for any characters. Linear: each part is looked for once, behind the
 * one before.
 */
export function isLike(name: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}

/** Those that are most like what somebody typed: that have it in them, or share most pairs of letters with it. */
export function nearest(typed: string, names: readonly string[], count: number): string[] {
  const pairs = pairsOf(typed);
  return names
    .map((name) => ({ name, score: scoreOf(name) }))
    .filter(({ score }) => score > 0.3)
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);

  function scoreOf(name: string): number {
    const others = pairsOf(name);
    let shared = 0;
    for (const pair of pairs) if (others.has(pair)) shared++;
    const isInside = name.toLowerCase().includes(typed.toLowerCase());
    return (isInside ? 1 : 0) + (2 * shared) / Math.max(1, pairs.size + others.size);
  }
}

function pairsOf(text: string): Set<string> {
  const letters = text.toLowerCase();
  const pairs = new Set<string>();
  for (let at = 0; at + 1 < letters.length; at++) pairs.add(letters.slice(at, at + 2));
  return pairs;
}
