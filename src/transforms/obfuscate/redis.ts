/**
 * Redis and Valkey commands: the values are replaced, the keys stay.
 *
 * @see https://github.com/DataDog/datadog-agent/blob/main/pkg/obfuscate/redis.go
 * @see https://redis.io/docs/latest/commands/
 */

/** Replaces those of a command's arguments that are values. */
type Rule = (args: string[]) => void;

const MASK = "?";
const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, QUOTE, BACKSLASH] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x5c];
/** What tracers write at the end of a command that they cut. */
const CUT = "...";
const MAX_NAMED_COMMANDS = 3;
/** Commands whose first argument is part of their name. */
const COMPOUND = new Set(["CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DEBUG", "SCRIPT"]);
const ONE_NAME = /^[a-z]{1,32}$/i;
/** White space that is not one space between two words of a command. */
const OTHER_SPACE = /^ | $| {2}|[^\S ]/;
const FIRST_WORDS = /^\s*(\S+)(?:\s+(\S+))?/;
const SET_OPTIONS = /^(?:EX|PX|EXAT|PXAT|NX|XX|GET|KEEPTTL|\d{1,20})$/i;
const RESTORE_OPTIONS = /^(?:REPLACE|ABSTTL|IDLETIME|FREQ|\d{1,20})$/i;
const ZADD_FLAGS = /^(?:NX|XX|GT|LT|CH|INCR)$/i;
const STREAM_ID = /^(?:\*|\d{1,20}-(?:\*|\d{1,20}))$/;

const RULES = new Map<string, Rule>();
for (const [names, rule] of [
  ["AUTH ECHO EVAL EVAL_RO", from(0)],
  [
    "APPEND GETSET SETNX SISMEMBER SMISMEMBER ZRANK ZREVRANK ZSCORE ZMSCORE PUBLISH SPUBLISH PFADD LPOS LPUSH LPUSHX " +
      "RPUSH RPUSHX SADD SREM ZREM GEOHASH GEOPOS GEODIST",
    from(1),
  ],
  ["HSETNX LREM LSET SETBIT SETEX PSETEX SETRANGE ZINCRBY SMOVE LINSERT", from(2)],
  ["SET", valueAt(1, SET_OPTIONS)],
  ["RESTORE", valueAt(2, RESTORE_OPTIONS)],
  ["GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO", valueAt(1, /^/)],
  ["MSET MSETNX", (args) => every(args, 0, 2)],
  ["HSET HMSET", (args) => every(args, 1, 2)],
  ["GEOADD", (args) => every(args, 1 + flagsIn(args), 3)],
  ["ZADD", (args) => every(args, 1 + flagsIn(args), 2)],
  ["XADD", (args) => every(args, args.findIndex((arg, index) => index > 0 && STREAM_ID.test(arg)) + 1 || 1, 2)],
  ["EVALSHA EVALSHA_RO FCALL FCALL_RO", (args) => cut(args, 2 + (Number(args[1]) || 0))],
  ["CONFIG", (args) => cut(args, isWord(args[0], "SET") ? 2 : args.length)],
  ["ACL", (args) => cut(args, isWord(args[0], "SETUSER") ? 2 : args.length)],
  ["HELLO MIGRATE", (args) => cut(args, 1 + args.findIndex((arg) => /^AUTH2?$/i.test(arg)) || args.length)],
  ["BITFIELD", maskBitFields],
] as [string, Rule][]) {
  for (const name of names.split(" ")) RULES.set(name, rule);
}

/** Commands, one a line, without the values among their arguments. Commands that are not known stay as they are. */
export function obfuscateRedis(commands: string): string {
  const nameEnd = commands.indexOf(" ");
  const name = nameEnd === -1 ? commands : commands.slice(0, nameEnd);
  if (!RULES.has(name.toUpperCase()) && !OTHER_SPACE.test(commands)) return commands;
  let shown = "";
  for (const words of commandsIn(commands)) {
    const [name = ""] = words;
    const args = words.slice(1);
    RULES.get(name.toUpperCase())?.(args);
    if (shown !== "") shown += "\n";
    shown += name;
    for (const arg of args) shown += ` ${arg}`;
  }
  return shown;
}

/** The names of the first three commands, as Datadog groups them; dots where there are more. */
export function redisNames(commands: string): string {
  if (ONE_NAME.test(commands)) return commands.toUpperCase();
  const names: string[] = [];
  let isCut = false;
  let at = 0;
  while (at < commands.length && names.length < MAX_NAMED_COMMANDS) {
    const lineEnd = commands.indexOf("\n", at);
    const end = lineEnd === -1 ? commands.length : lineEnd;
    const [, name = "", next] = FIRST_WORDS.exec(commands.slice(at, end)) ?? [];
    at = end + 1;
    if (name === "") continue;
    const isCompound = next !== undefined && COMPOUND.has(name.toUpperCase());
    isCut = name.endsWith(CUT) || (isCompound && next.endsWith(CUT));
    if (!isCut) names.push((isCompound ? `${name} ${next}` : name).toUpperCase());
  }
  return [...names, ...(isCut || names.length === MAX_NAMED_COMMANDS ? [CUT] : [])].join(" ");
}

/** Names and arguments. Spaces and line ends between double quotes belong to the argument. */
function commandsIn(text: string): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  let start = -1;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isQuoted && isSpace(code)) {
      if (start !== -1) words.push(text.slice(start, at));
      start = -1;
      if (code === LINE_FEED && words.length > 0) {
        commands.push(words);
        words = [];
      }
      continue;
    }
    if (start === -1) start = at;
    if (code === BACKSLASH) at++;
    // A name has no quotes.
    else if (code === QUOTE && words.length > 0) isQuoted = !isQuoted;
  }
  if (start !== -1) words.push(text.slice(start));
  if (words.length > 0) commands.push(words);
  return commands;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB;
}

/** Makes all arguments from one on one. */
function cut(args: string[], first: number): void {
  if (args.length > first) args.splice(first, args.length, MASK);
}

function from(first: number): Rule {
  return (args) => cut(args, first);
}

/** One argument, and what is behind it unless that is nothing but options: tracers write values without quotes. */
function valueAt(index: number, options: RegExp): Rule {
  return (args) => {
    if (args.length <= index) return;
    args[index] = MASK;
    for (let at = index + 1; at < args.length; at++) {
      if (!options.test(args[at] as string)) args.length = index + 1;
    }
  };
}

/** The last of each group of arguments; all as one where they do not come in groups. */
function every(args: string[], first: number, size: number): void {
  if ((args.length - first) % size !== 0) cut(args, first);
  else for (let at = first + size - 1; at < args.length; at += size) args[at] = MASK;
}

/** What stands three behind a SET. */
function maskBitFields(args: string[]): void {
  for (let at = args.length - 1; at >= 3; at--) if (isWord(args[at - 3], "SET")) args[at] = MASK;
}

/** How many flags stand behind the key. */
function flagsIn(args: string[]): number {
  const end = args.findIndex((arg, index) => index > 0 && !ZADD_FLAGS.test(arg));
  return Math.max(0, (end === -1 ? args.length : end) - 1);
}

function isWord(arg: string | undefined, word: string): boolean {
  return arg?.toUpperCase() === word;
}
