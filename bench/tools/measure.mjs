/** What every tool does: read its job, repeat, measure the warm half, report. */
import { readFileSync } from "node:fs";

/** The job that the tool was started with. */
export const job = JSON.parse(process.argv[2]);

/**
 * Repeats something, and measures the second half of the repetitions, when the code is compiled and buffers are there.
 *
 * @param {number} iterations at least 2
 * @param {() => unknown} once
 * @returns {Promise<{cpuMs: number, wallMs: number}>} for one repetition: processor time of the whole process with all
 *   its threads, the mean; time that passed, the median
 */
export async function measure(iterations, once) {
  const cold = Math.floor(iterations / 2);
  for (let done = 0; done < cold; done++) await once();
  const wallMs = [];
  const before = process.cpuUsage();
  for (let done = cold; done < iterations; done++) {
    const startedMs = performance.now();
    await once();
    wallMs.push(performance.now() - startedMs);
  }
  const { user, system } = process.cpuUsage(before);
  wallMs.sort((a, b) => a - b);
  return { cpuMs: (user + system) / 1000 / wallMs.length, wallMs: wallMs[Math.floor(wallMs.length / 2)] };
}

/** Prints the result, alone on the last line, and ends the process, whose connections would keep it. */
export function report(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
}

export function readEvent(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** What the forwarder sent for a delivery: `[{path, encoding, wireBytes, raw}]`, `raw` as it was before compressing. */
export function readBodies(directory) {
  const list = JSON.parse(readFileSync(`${directory}/bodies.json`, "utf8"));
  return list.map(({ file, ...body }) => ({ ...body, raw: readFileSync(`${directory}/${file}`) }));
}

/** The most memory the process ever held, in bytes. */
export function peakMemory() {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
    return Number(kilobytes) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
