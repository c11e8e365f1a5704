// Bundles the Lambda function and the local commands into dist/, and packs the function's zip.
//
//   dist/forwarder.mjs   the function: `async handler(event, context)`; AWS SDK clients are chunks loaded on demand
//   dist/subscribe.mjs   the function that subscribes log groups to it
//   dist/forwarder.js    the same under the name that `serverless invoke local` looks for; not deployed
//   dist/forwarder.zip   what is deployed; the same input gives the same bytes
//   dist/bundled.json    of each file in it, the files that it was made of
//   dist/cli/*.mjs       the local commands
//   dist/cli/page/       the page that the local intake serves
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { minify } from "@swc/core";
import { build } from "esbuild";
import { zipSync } from "fflate";

const root = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(root, "dist");
const quiet = process.argv.includes("--quiet");
const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"],
  // Some parts of the AWS SDK and of protobufjs are CommonJS and call require for Node's own modules.
  // esbuild does not see the names in a banner, so this one must not be one that minifying would choose.
  banner: {
    js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
  },
  outExtension: { ".js": ".mjs" },
  define: { __VERSION__: JSON.stringify(version) },
  logLevel: "warning",
  metafile: true,
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

// What the function loads on demand has its own copy of what it shares with the entry: were there one copy in a file
// between them, every cold start would load that file too.
const onDemand = new Set();
const lambda = { ...common, minify: true, legalComments: "none" };
const { metafile: entryFiles } = await build({
  ...lambda,
  entryPoints: { forwarder: "src/handlers/forward.ts", subscribe: "src/handlers/subscribe.ts" },
  outdir: "dist",
  plugins: [setApart(onDemand, "./chunks")],
});
// What it loads to read, change and write telemetry is whole as well: finding and linking a file takes longer than
// compiling the code in it, and nothing is kept there that others need. Handlers, stores and the AWS SDK share files.
const isOfTelemetry = (file) => /^src\/(?:formats|transforms|destinations)\//.test(path.relative(root, file));
const whole = new Set([...onDemand].filter(isOfTelemetry));
const { metafile: wholeFiles } = await build({
  ...lambda,
  entryPoints: [...whole],
  outdir: "dist/chunks",
  entryNames: "[name]",
  plugins: [setApart(onDemand, ".")],
});
const { metafile: sharedFiles } = await build({
  ...lambda,
  entryPoints: [...onDemand].filter((file) => !whole.has(file)).sort(),
  outdir: "dist/chunks",
  entryNames: "[name]",
  chunkNames: "[name]-[hash]",
  splitting: true,
});
const built = { ...entryFiles.outputs, ...wholeFiles.outputs, ...sharedFiles.outputs };
// Each command is a file of its own, so that one does not wait for the code of another.
const commands = new Set();
await build({
  ...common,
  entryPoints: { main: "src/cli/main.ts" },
  outdir: "dist/cli",
  plugins: [setApart(commands, ".")],
});
await build({
  ...common,
  entryPoints: [...commands, "src/cli/settings.ts", "src/cli/deployed-settings.ts", "src/cli/function-host.ts"],
  outdir: "dist/cli",
  entryNames: "[name]",
  splitting: false,
});
// The page that the intake serves: what it needs is in its own three files, and nothing is fetched from elsewhere.
const page = "src/viewer/page";
await build({
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: ["es2022"],
  legalComments: "none",
  logLevel: "warning",
  entryPoints: { page: `${page}/main.ts` },
  outdir: "dist/cli/page",
});
for (const file of ["index.html", "page.css", "icon.svg"]) {
  await copyFile(path.join(root, page, file), path.join(dist, "cli/page", file));
}
// These have no CommonJS in them; making a require takes time at each cold start.
const entry = "dist/forwarder.mjs";
for (const file of [entry, ...Object.keys(wholeFiles.outputs)]) {
  const code = withoutBanner(file, await readFile(path.join(root, file), "utf8"));
  await writeFile(path.join(root, file), file === entry ? await compact(code) : code);
}
// `serverless invoke local` calls require for it, which takes no module that awaits while it is loaded.
await writeFile(
  path.join(dist, "forwarder.js"),
  'export const handler = async (...given) => (await import("./forwarder.mjs")).handler(...given);\n',
);

const files = {};
for (const file of Object.keys(built).sort()) {
  files[file] = new Uint8Array(await readFile(path.join(root, file)));
}
// A fixed time keeps the archive reproducible; 1980 is the earliest a zip can say.
const zip = zipSync(files, { level: 9, mtime: new Date(1980, 0, 1) });
await writeFile(path.join(dist, "forwarder.zip"), zip);

// What is in it: supply-chain/licences.mjs tells whose it is, bench/ which of its files hold the AWS SDK.
const bundled = Object.fromEntries(
  Object.entries(built).map(([file, { inputs }]) => [path.relative("dist", file), Object.keys(inputs)]),
);
await writeFile(path.join(dist, "bundled.json"), JSON.stringify(bundled));

if (!quiet) {
  console.log(
    `dist/forwarder.mjs ${files["dist/forwarder.mjs"].length} bytes, ${Object.keys(files).length - 1} chunks loaded on demand, zip ${zip.length} bytes`,
  );
}

/** What is imported on demand is put into `files`, and taken from the folder where it is put when it is built. */
function setApart(files, folder) {
  return {
    name: "set-apart",
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ kind, path: target, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const file = path.join(resolveDir, target);
        files.add(file);
        return { path: `${folder}/${path.basename(file, ".ts")}.mjs`, external: true };
      }),
  };
}

function withoutBanner(file, code) {
  const stripped = code.replace(common.banner.js, "");
  if (/\brequire\b/.test(stripped)) throw new Error(`${file} has CommonJS in it that calls require`);
  return stripped;
}

/** A second minifier finds what the first leaves. What is loaded at each cold start is worth it. */
async function compact(code) {
  return (
    await minify(code, {
      module: true,
      compress: { passes: 3, ecma: 2022, unsafe_arrows: true, unsafe_methods: true },
      mangle: true,
    })
  ).code;
}
