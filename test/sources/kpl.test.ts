import { createHash } from "node:crypto";
import fc from "fast-check";
import protobuf from "protobufjs";
import { deaggregated } from "../../src/sources/kpl.ts";

/** As the library defines it. */
const PROTO = `syntax = "proto2";
message AggregatedRecord { repeated string partition_key_table = 1; repeated string explicit_hash_key_table = 2; repeated Record records = 3; }
message Tag { required string key = 1; optional string value = 2; }
message Record { required uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2; required bytes data = 3; repeated Tag tags = 4; }`;
const AggregatedRecord = protobuf.parse(PROTO).root.lookupType("AggregatedRecord");

describe("a record of the Kinesis Producer Library", () => {
  it("gives the records in it, whatever they hold", () => {
    const records = fc.array(
      fc.record({
        data: fc.uint8Array({ maxLength: 400 }),
        index: fc.nat(),
        tags: fc.array(fc.string(), { maxLength: 2 }),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(records, (records) => {
        const message = AggregatedRecord.encode({
          partitionKeyTable: ["a", "b"],
          explicitHashKeyTable: ["1"],
          records: records.map(({ data, index, tags }) => ({
            partitionKeyIndex: index,
            explicitHashKeyIndex: 0,
            data,
            tags: tags.map((key) => ({ key })),
          })),
        }).finish();
        const md5 = createHash("md5").update(message).digest();
        const whole = Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), message, md5]);
        expect(deaggregated(whole)).toEqual(records.map(({ data }) => Buffer.from(data)));
      }),
    );
  });

  it("is none without the mark", () => {
    expect(deaggregated(Buffer.alloc(40))).toBeUndefined();
    expect(deaggregated(Buffer.from([0xf3, 0x89, 0x9a, 0xc2]))).toBeUndefined();
  });
});
