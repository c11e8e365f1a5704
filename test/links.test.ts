/** That whoever follows a link on any page arrives. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

const root = path.join(__dirname, "..");

interface Link {
  /** The page it is on. */
  from: string;
  /** As it is written. */
  written: string;
  /** The file it leads to. */
  to: string;
  /** The place on it; "" = its top. */
  anchor: string;
}

function pagesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name === "dist" || entry.name.startsWith(".")) return [];
    const found = path.join(folder, entry.name);
    if (entry.isDirectory()) return pagesIn(found);
    return entry.name.endsWith(".md") ? [found] : [];
  });
}

const pages = pagesIn(root);
/** What is in a block or span of code is no link and no heading. */
const texts = new Map(
  pages.map((page) => [page, readFileSync(page, "utf8").replace(/^ *(```+)[\s\S]*?^ *\1 *$/gm, "")]),
);

/** To files; those to other places are not followed. */
const links: Link[] = [...texts].flatMap(([page, text]) => {
  const prose = text.replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, (code) => (code.includes("](") ? "" : code));
  const written = [
    ...[...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target),
    ...[...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map(([, target = ""]) => target),
  ].filter((target) => !/^[a-z]+:/.test(target));
  return written.map((target) => {
    const [file = "", anchor = ""] = target.split("#");
    return { from: page, written: target, to: file ? path.resolve(path.dirname(page), file) : page, anchor };
  });
});

/** The anchors of a page as GitHub makes them of its headings. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of (texts.get(page) ?? "").matchAll(/^#+ +(.+?) *$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
    let unique = slug;
    for (let copy = 1; anchors.has(unique); copy++) unique = `${slug}-${copy}`;
    anchors.add(unique);
  }
  return anchors;
}

const told = ({ from, written }: Link): string => `${path.relative(root, from)}: ${written}`;

describe("the links of all pages", () => {
  it("lead to files that are there", () => {
    expect(links.length).toBeGreaterThan(300);
    expect(links.filter(({ to }) => !existsSync(to)).map(told)).toEqual([]);
  });

  it("lead to headings that are there", () => {
    const anchored = links.filter(({ anchor, to }) => anchor && to.endsWith(".md"));
    expect(anchored.length).toBeGreaterThan(3);
    expect(anchored.filter(({ to, anchor }) => !anchorsOf(to).has(anchor)).map(told)).toEqual([]);
  });

  it("reach every page of docs from the README", () => {
    const reached = new Set([path.join(root, "README.md")]);
    for (const page of reached) {
      for (const { from, to } of links) {
        if (from !== page || !existsSync(to)) continue;
        // A folder shows its README.
        const shown = statSync(to).isDirectory() ? path.join(to, "README.md") : to;
        if (texts.has(shown)) reached.add(shown);
      }
    }
    const docs = pages.filter((page) => page.startsWith(path.join(root, "docs")));
    expect(docs.length).toBeGreaterThan(60);
    expect(docs.filter((page) => !reached.has(page)).map((page) => path.relative(root, page))).toEqual([]);
  });
});
