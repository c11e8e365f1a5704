import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

export interface HandlerLocation {
  file: string;
  /** May be a path, such as `exports.handler`. */
  exportName: string;
  isCommonJs: boolean;
}

/**
 * Where a handler such as `/var/task/dist/forwarder.handler` is, found as Lambda does: the module is the text up to
 * the first dot of the last path element, with the extension .js, .mjs or .cjs.
 */
export function locateHandler(handler: string): HandlerLocation {
  const name = path.basename(handler);
  const dot = name.indexOf(".");
  if (dot <= 0 || dot === name.length - 1) {
    throw named("Runtime.MalformedHandlerName", `Bad handler "${handler}": expected <module>.<export>`);
  }
  const module = path.join(path.dirname(handler), name.slice(0, dot));
  const extension = [".js", ".mjs", ".cjs"].find((candidate) => existsSync(module + candidate));
  if (!extension) {
    throw named("Runtime.ImportModuleError", `Cannot find module '${module}' (.js, .mjs or .cjs)`);
  }
  const file = module + extension;
  const isCommonJs = extension === ".cjs" || (extension === ".js" && packageType(path.dirname(file)) !== "module");
  return { file, exportName: name.slice(dot + 1), isCommonJs };
}

/** The `type` of the nearest package.json. */
function packageType(folder: string): unknown {
  const file = path.join(folder, "package.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).type;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : packageType(parent);
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
