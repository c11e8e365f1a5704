import fc from "fast-check";
import { obfuscateRedis, redisNames } from "../../../src/transforms/obfuscate/redis.ts";
import { propertyRuns } from "../../helpers/property-runs.ts";

describe("a Redis command", () => {
  it.each([
    ["AUTH james secret", "AUTH ?"],
    ["AUTH", "AUTH"],
    ["get session:1", "get session:1"],
    ["SET key value", "SET key ?"],
    ["set key value EX 60 NX", "set key ? EX 60 NX"],
    ['SET key "a value" PX 5', "SET key ? PX 5"],
    ["SETEX key 60 value", "SETEX key 60 ?"],
    ["LSET key 0 value", "LSET key 0 ?"],
    ["LINSERT key BEFORE pivot value", "LINSERT key BEFORE ?"],
    ["LPUSH key v1 v2 v3", "LPUSH key ?"],
    ["HSET key f1 v1 f2 v2", "HSET key f1 ? f2 ?"],
    ["HMSET key f1 v1", "HMSET key f1 ?"],
    ["MSET k1 v1 k2 v2", "MSET k1 ? k2 ?"],
    ["ZADD key NX CH 1 member 2 member", "ZADD key NX CH 1 ? 2 ?"],
    ["GEOADD key 13.3 38.1 Palermo", "GEOADD key 13.3 38.1 ?"],
    ["GEORADIUSBYMEMBER key member 5 km ASC", "GEORADIUSBYMEMBER key ? 5 km ASC"],
    ["BITFIELD key SET u8 0 255 SET u8 1 7", "BITFIELD key SET u8 0 ? SET u8 1 ?"],
    ["CONFIG SET requirepass secret", "CONFIG SET requirepass ?"],
    ["CONFIG GET maxmemory", "CONFIG GET maxmemory"],
    ["RESTORE key 0 dump REPLACE", "RESTORE key 0 ? REPLACE"],
    ["SET k1 v1\nGET k2\n\n  DEL k3 ", "SET k1 ?\nGET k2\nDEL k3"],
    ['SET key "two\nlines"', "SET key ?"],
    ["constructor a b", "constructor a b"],
    ["", ""],
  ])("keeps its keys and loses its values: %s", (command, shown) => {
    expect(obfuscateRedis(command)).toBe(shown);
  });

  it.each([
    ["SET key a value without quotes", "SET key ?"],
    ["HSET key field a value", "HSET key ?"],
    ["HELLO 3 AUTH default secret", "HELLO 3 AUTH ?"],
    ["HELLO 3", "HELLO 3"],
    ["MIGRATE host 6379 key 0 5000 AUTH2 user secret", "MIGRATE host 6379 key 0 5000 AUTH2 ?"],
    ["ACL SETUSER alice on >secret", "ACL SETUSER alice ?"],
    ["EVAL return('secret') 0", "EVAL ?"],
    ["EVALSHA 00ff 1 key secret", "EVALSHA 00ff 1 key ?"],
    ["XADD stream MAXLEN 5 * field secret", "XADD stream MAXLEN 5 * field ?"],
    ["PUBLISH channel secret", "PUBLISH channel ?"],
  ])("loses values that Datadog's agent lets through: %s", (command, shown) => {
    expect(obfuscateRedis(command)).toBe(shown);
  });

  it("loses its value however that is written", () => {
    const value = fc
      .string({ unit: fc.constantFrom("a", " ", "1", '\\"', "é", "\t"), maxLength: 20 })
      .map((text) => `zq${text}zq`);
    const command = fc.constantFrom(
      "SET k",
      "SETEX k 5",
      "HSET k f",
      "LPUSH k",
      "ZADD k 1",
      "MSET k",
      "AUTH",
      "XADD k * f",
      "APPEND k",
    );
    fc.assert(
      fc.property(command, value, fc.constantFrom('"', ""), (front, text, quote) => {
        expect(obfuscateRedis(`${front} ${quote}${text}${quote}`)).not.toContain("zq");
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("is the same where it stands in a line of its own", () => {
    const word = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'aé1:\\"\t\u00a0'), maxLength: 5 }),
      fc.constantFrom("GET", "get", "SET", "set", "EXPIRE", "HSET", "AUTH", "session:1", '"a', 'b"', ""),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const command = words.join(" ");
        // An empty line is none.
        expect(obfuscateRedis(command)).toBe(obfuscateRedis(`\n${command}`));
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });

  it.each(['"', "a ", "\n", "\\", "SET ", '" '])(
    "takes no longer than its length asks for: a megabyte of %j",
    (piece) => {
      const commands = piece.repeat(2 ** 20 / piece.length);
      expect(obfuscateRedis(commands).length).toBeLessThanOrEqual(commands.length + 2);
      expect(redisNames(commands).length).toBeLessThanOrEqual(commands.length + 4);
    },
  );
});

describe("the names of Redis commands", () => {
  it.each([
    ["get my_key", "GET"],
    ["CONFIG SET parameter value", "CONFIG SET"],
    ["CLIENT", "CLIENT"],
    ["\n  SET foo bar \n \n EXPIRE foo 15 ", "SET EXPIRE"],
    ["MULTI\nSET k1 v1\nSET k2 v2\nEXEC", "MULTI SET SET ..."],
    ["GET k1\nGET k2\nG...", "GET GET ..."],
    ["GET k1\nDE...\nGET k2", "GET GET"],
    ["GET...", "..."],
    ["", ""],
  ])("say what was done: %j", (commands, names) => {
    expect(redisNames(commands)).toBe(names);
  });
});
