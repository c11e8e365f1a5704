// Loaded by the functions of the emulator before their own code: a clock that a test can put forward. How far, in
// milliseconds, is in a file, which is there only while it is.
const { readFileSync, statSync } = require("node:fs");

const file = process.env.EMULATED_CLOCK_FILE;
const { now } = Date;
Date.now = () => now() + (statSync(file, { throwIfNoEntry: false }) ? Number(readFileSync(file, "utf8")) : 0);
