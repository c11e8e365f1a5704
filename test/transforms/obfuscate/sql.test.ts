import fc from "fast-check";
import { type Dialect, NOT_PARSABLE, obfuscateSql } from "../../../src/transforms/obfuscate/sql.ts";
import { propertyRuns } from "../../helpers/property-runs.ts";

const ALL: Dialect[] = ["", "mysql", "postgresql", "mssql", "oracle"];

describe("an SQL statement", () => {
  it.each([
    ["select * from users where id = 42", "select * from users where id = ?"],
    ["SELECT host, status FROM ec2_status WHERE org_id=42", "SELECT host, status FROM ec2_status WHERE org_id = ?"],
    ["SELECT a FROM t WHERE x IN (1, 'two', 3.5e-3, 0xFF)", "SELECT a FROM t WHERE x IN ( ? )"],
    ["SELECT a FROM t WHERE f = .5 AND g = -1 AND h > - 2", "SELECT a FROM t WHERE f = ? AND g = ? AND h > - ?"],
    ["SELECT a FROM t LIMIT 1, 20;", "SELECT a FROM t LIMIT ?"],
    ["SELECT a FROM t WHERE b IS NULL AND c = true", "SELECT a FROM t WHERE b IS ? AND c = ?"],
    ["INSERT INTO u (id, n) VALUES ('a', 1), ('b', 2), ('c', 3)", "INSERT INTO u ( id, n ) VALUES ( ? )"],
    ["SELECT 'it''s', '' FROM t", "SELECT ? FROM t"],
    ["SELECT a FROM t /* id:1 */ WHERE b = 2 -- c = 3\n AND d = 4", "SELECT a FROM t WHERE b = ? AND d = ?"],
    ["SELECT a AS `secret`, b AS c FROM t AS u", "SELECT a, b FROM t"],
    ["SELECT CAST(x AS BIGINT) FROM t", "SELECT CAST ( x ) FROM t"],
    ["SELECT `h`.`a`, t.*, count(*) FROM `h`", "SELECT h . a, t.*, count ( * ) FROM h"],
    ["SELECT price*100 FROM t", "SELECT price * ? FROM t"],
    ["SAVEPOINT s139956586256192_x1", "SAVEPOINT ?"],
    ["UPDATE t SET a = 'x', b = ? WHERE c = :name AND d = @v", "UPDATE t SET a = ? b = ? WHERE c = :name AND d = @v"],
    [
      "SELECT a FROM t WHERE b = %s AND c = %(name)s AND d % 8 = 0",
      "SELECT a FROM t WHERE b = ? AND c = ? AND d % ? = ?",
    ],
    ["{call f(1, 'two')}", "{ call f ( ? ) }"],
    ["SELECT a FROM t WHERE d = {ts '2026-11-21'}", "SELECT a FROM t WHERE d = ?"],
    ["CREATE KEYSPACE k WITH replication = {'class': 'S}', 'n': {'m': 3}}", "CREATE KEYSPACE k WITH replication = ?"],
    ["SELECT @x := @x + v.a, @y:=0", "SELECT @x := @x + v.a, @y := ?"],
    ["SELECT Descripció FROM 表 WHERE Año = 2026", "SELECT Descripció FROM 表 WHERE Año = ?"],
    ["select * from users where\u00a0id = 1", "select * from users where id = ?"],
  ])("is shown without its literals: %s", (sql, shown) => {
    expect(obfuscateSql(sql, "")).toBe(shown);
  });

  it.each<[Dialect, string, string]>([
    ["mysql", 'SELECT a FROM t WHERE f("secret", `n`)', "SELECT a FROM t WHERE f ( ? n )"],
    ["mysql", "SELECT 'it\\'s', 5 # the rest\nFROM t", "SELECT ? FROM t"],
    ["mysql", "SELECT a FROM t WHERE b = 1 -- secret", "SELECT a FROM t WHERE b = ?"],
    ["mysql", "SELECT X'ab', b'01', _utf8'secret'", "SELECT X ? b ? _utf8 ?"],
    ["postgresql", 'SELECT "a"."b" FROM "t" WHERE "c" = $1', "SELECT a . b FROM t WHERE c = ?"],
    ["postgresql", "SELECT 'C:\\', 'secret' FROM t", "SELECT ? FROM t"],
    ["postgresql", "SELECT E'it\\'s secret', 1 FROM t", "SELECT ? FROM t"],
    ["postgresql", "SELECT $$it's secret$$, $t$a $$ b$t$ FROM t", "SELECT ? FROM t"],
    [
      "postgresql",
      "SELECT d->>'k', d#>>'{a,b}', d ?| array['x','y'] FROM t",
      "SELECT d ->> ? d #>> ? d ?| array [ ? ] FROM t",
    ],
    ["postgresql", "SELECT a::varchar(255), b[1:2] FROM t", "SELECT a :: varchar ( ? ) b [ ? : ? ] FROM t"],
    ["postgresql", "/* a /* b */ secret */ SELECT 1", "SELECT ?"],
    [
      "mssql",
      "SELECT [b].[Id] FROM #temp AS [the alias] WHERE [n] = N'x'",
      "SELECT [ b ] . [ Id ] FROM #temp WHERE [ n ] = N ?",
    ],
    ["mssql", "SELECT TOP 100 a FROM t WHERE @p0 = 'C:\\'", "SELECT TOP ? a FROM t WHERE @p0 = ?"],
    ["oracle", "SELECT q'[it's secret]' FROM dual WHERE a = :1", "SELECT ? FROM dual WHERE a = :1"],
  ])("of %s is read by its rules: %s", (dialect, sql, shown) => {
    expect(obfuscateSql(sql, dialect)).toBe(shown);
  });

  it("has the meaning of a backslash found out where the dialect does not tell it", () => {
    expect(obfuscateSql("SELECT 'a\\' FROM t WHERE b = 'secret'", "")).toBe("SELECT ? FROM t WHERE b = ?");
    expect(obfuscateSql("SELECT 'a\\'secret' FROM t", "")).toBe("SELECT ? FROM t");
  });

  it("keeps what follows several lists of values", () => {
    expect(obfuscateSql("INSERT INTO t VALUES (1, 2), (3, f(4)) ON CONFLICT (id) DO NOTHING", "")).toBe(
      "INSERT INTO t VALUES ( ? ) ON CONFLICT ( id ) DO NOTHING",
    );
    expect(obfuscateSql("INSERT INTO t VALUES (1), (now()) RETURNING id", "")).toBe(
      "INSERT INTO t VALUES ( ? ) ( now ( ) ) RETURNING id",
    );
  });

  it("has no literals between double quotes, where they can stand in an unknown dialect", () => {
    const sql =
      'SELECT "name" FROM t WHERE a LIKE "s1" AND b IN ("s2", "s3") AND c BETWEEN "s4" AND "s5" AND d != "s6" OR "e" > "s7"';
    expect(obfuscateSql(sql, "")).not.toMatch(/s\d/);
    expect(obfuscateSql('INSERT INTO "t" ("name") VALUES ("s1", f(), "s2"), ("s3", "s4")', "")).not.toMatch(/s\d/);
    expect(obfuscateSql('INSERT INTO "t" ("name") VALUES ("s1")', "")).toBe("INSERT INTO t ( name ) VALUES ( ? )");
  });

  it.each([
    "SELECT 'secret",
    'SELECT "secret',
    "SELECT `secret",
    "SELECT $$secret",
    "SELECT a /* secret",
    "SELECT a WHERE b = {ts 'secret'",
    "SELECT secret\\",
    "SELECT secret }",
    "secret \u0000",
    "",
    "-- secret",
  ])("that cannot be understood is not shown at all: %j", (sql) => {
    for (const dialect of ALL) expect(obfuscateSql(sql, dialect)).toBe(NOT_PARSABLE);
  });

  it("shows no literal that was written into it, whatever the dialect", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL).chain((dialect) => fc.tuple(fc.constant(dialect), statement(dialect))),
        ([dialect, sql]) => {
          const shown = obfuscateSql(sql, dialect);
          expect(shown).not.toBe(NOT_PARSABLE);
          expect(shown).not.toMatch(/zq|73/);
        },
      ),
      { numRuns: propertyRuns(1_000) },
    );
  });

  it("is the same when it is obfuscated again", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL).chain((dialect) => fc.tuple(fc.constant(dialect), statement(dialect))),
        ([dialect, sql]) => {
          const shown = obfuscateSql(sql, dialect);
          expect(obfuscateSql(shown, dialect)).toBe(shown);
        },
      ),
      { numRuns: propertyRuns(500) },
    );
  });

  it("never fails, and never grows beyond a space and a mark for each character", () => {
    const piece = fc.constantFrom(
      ..."'\"`$%{}[]()-/*#@:;,.?\\=<>!~ \n0azAS".split(""),
      "AS",
      " IN ",
      "VALUES",
      "é",
      "\u2028",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom(...ALL), (pieces, dialect) => {
        const sql = pieces.join("");
        expect(obfuscateSql(sql, dialect).length).toBeLessThanOrEqual(Math.max(NOT_PARSABLE.length, sql.length * 3));
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });

  it.each([
    "(",
    "'",
    "''",
    '"',
    "`",
    "$$",
    "$a$",
    "/*",
    "{",
    "{'",
    "[",
    "AS [",
    "-",
    "1",
    "1,",
    "a.",
    "(1),",
    "\\",
    "'\\'",
    "%(",
    ":",
    "q'[",
  ])("takes no longer than its length asks for: 256 KB of %s", (piece) => {
    // Were the time quadratic, one of them would take minutes.
    const sql = piece.repeat(2 ** 18 / piece.length);
    for (const dialect of ["", "postgresql"] as const) {
      expect(obfuscateSql(sql, dialect).length).toBeLessThanOrEqual(sql.length * 3 + NOT_PARSABLE.length);
    }
  });

  it("is shown whole, however long it is", () => {
    expect(obfuscateSql("(".repeat(2 ** 20), "")).toBe(`(${" (".repeat(2 ** 20 - 1)}`);
  });
});

/** Literals hold "zq" or "73", which nothing else does. */
function statement(dialect: Dialect): fc.Arbitrary<string> {
  const isEscape = dialect === "mysql";
  const content = fc.string({
    unit: fc.constantFrom("a", "'", '"', "`", ",", "(", ")", "--", "/*", "#", "$", ";", " ", "\n", "é"),
    maxLength: 8,
  });
  const quoted = (quote: string) =>
    content.map((text) => `${quote}zq${text.replaceAll(quote, quote + quote)}zq${quote}`);
  const number = fc.constantFrom("73", "-73", "7.73", ".73", "73e-73", "0x73", "73.");
  const special: fc.Arbitrary<string>[] = [];
  if (isEscape) special.push(quoted('"'), fc.constantFrom("'zq\\'zq'", '"zq\\"zq"', "X'73'"));
  if (dialect === "postgresql")
    special.push(
      content.map((text) => `$zq$${text.replaceAll("$", "")}zq$zq$`),
      fc.constantFrom("E'zq\\'zq'", "'zq\\'", "$73"),
    );
  if (dialect === "mssql") special.push(fc.constantFrom("N'zq'", "'zq\\'"));
  if (dialect === "oracle") special.push(fc.constantFrom("q'[zq'zq]'", "'zq\\'", "q'!zq'zq!'"));
  const literal = fc.oneof(quoted("'"), number, ...special);
  const name = fc.constantFrom("a", "t.b", "col_x", "`c`", "f(a, b)");
  const comment = fc.constantFrom(" ", "\n", "/* zq ' */", "-- zq '\n");
  const list = fc.array(literal, { minLength: 1, maxLength: 4 }).map((items) => `(${items.join(", ")})`);
  const condition = fc.oneof(
    fc.tuple(name, fc.constantFrom("=", "<>", "!=", ">=", " LIKE ", "<"), literal).map((parts) => parts.join(" ")),
    fc.tuple(name, list).map(([left, right]) => `${left} IN ${right}`),
    fc.tuple(name, literal, literal).map(([left, low, high]) => `${left} BETWEEN ${low} AND ${high}`),
    fc.tuple(name, literal).map(([left, right]) => `${left} + ${right} > ${left}`),
  );
  const where = fc
    .tuple(fc.array(condition, { minLength: 1, maxLength: 4 }), fc.constantFrom("AND", "OR"))
    .map(([all, word]) => all.join(` ${word} `));
  return fc.oneof(
    fc
      .tuple(comment, name, literal, where)
      .map(
        ([gap, left, right, conditions]) =>
          `SELECT${gap}${left}, ${right} AS x${gap}FROM t WHERE${gap}(${conditions}) LIMIT 73`,
      ),
    fc
      .tuple(fc.array(list, { minLength: 1, maxLength: 3 }), comment)
      .map(([lists, gap]) => `INSERT INTO t (a, b) VALUES${gap}${lists.join(`,${gap}`)} RETURNING a`),
    fc
      .tuple(name, literal, where)
      .map(([left, right, conditions]) => `UPDATE t SET ${left} = ${right}, b = ${right} WHERE ${conditions};`),
  );
}
