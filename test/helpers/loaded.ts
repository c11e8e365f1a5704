// Runs before the tests of every file: loads what the function loads when it meets the first line that needs it.
import { loadPlainWriter } from "../../src/destinations/plain-writer.ts";
import { loadPlainReader } from "../../src/formats/plain-reader.ts";

beforeAll(() => Promise.all([loadPlainReader(), loadPlainWriter()]));
