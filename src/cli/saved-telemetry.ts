/** What the intake holds, saved to a file and opened again by its own API, as lines of OTLP/JSON. */
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { createGzip } from "node:zlib";
import type { ApiError, ApiImport } from "../viewer/api-types.ts";
import { CommandError } from "./command-error.ts";

/**
 * @param file ends with `.gz` where it is to be compressed
 * @param query of what is saved; "" = everything
 * @throws {CommandError} when the file cannot be written
 */
export async function saveTelemetry(intakeUrl: string, file: string, query: string): Promise<void> {
  const answer = await fetch(`${intakeUrl}/api/export?${new URLSearchParams({ query })}`);
  const lines = Readable.fromWeb(answer.body as ReadableStream);
  try {
    const output = createWriteStream(file);
    await (file.endsWith(".gz") ? pipeline(lines, createGzip(), output) : pipeline(lines, output));
  } catch (error) {
    throw fileError("write", file, "Name a file in a folder that is there and may be written.", error);
  }
}

/**
 * @param file compressed where its name ends with `.gz`
 * @throws {CommandError} when it cannot be read, or nothing in it can be used
 */
export async function openTelemetry(intakeUrl: string, file: string): Promise<ApiImport> {
  const input = createReadStream(file);
  await new Promise<void>((resolve, reject) => {
    input.once("open", () => resolve());
    input.once("error", reject);
  }).catch((error) => {
    throw fileError("read", file, "Name a file that --save or the page saved.", error);
  });
  const answer = await fetch(`${intakeUrl}/api/import`, {
    method: "POST",
    headers: file.endsWith(".gz") ? { "content-encoding": "gzip" } : {},
    body: Readable.toWeb(input),
    duplex: "half",
  } as Parameters<typeof fetch>[1]).catch((error: Error) => {
    throw fileError("read", file, "Name a file that --save or the page saved.", error.cause ?? error);
  });
  if (answer.ok) return (await answer.json()) as ApiImport;
  const { errors } = (await answer.json()) as ApiError;
  throw new CommandError(
    `${file} cannot be opened: ${errors.join("; ")}`,
    'Its lines must be OTLP/JSON, {"resourceSpans":…} or {"resourceLogs":…}, as --save and the page write them.',
  );
}

function fileError(what: string, file: string, remedy: string, error: unknown): CommandError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new CommandError(`cannot ${what} ${file}: ${code ?? message}`, remedy, { cause: error });
}
