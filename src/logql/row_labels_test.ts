import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordBatch, type RecordColumns, sealBatches, type SeverityCode } from "../record.ts";
import { RowLabels } from "./row_labels.ts";

function columnsOf(
  attributes: object | undefined,
  more: { service?: string; severity?: SeverityCode; trace_id?: string } = {},
): RecordColumns {
  const batch = new RecordBatch();
  batch.append(0, 0, more.service ?? "shop", more.severity ?? 2, "line", {
    attributes: attributes && JSON.stringify(attributes),
    trace_id: more.trace_id,
  });
  return sealBatches([batch], 1, 0);
}

Deno.test("a record's labels are its service, its level, its fields and its attributes", () => {
  const labels = new RowLabels(columnsOf({ env: "prod", "http.status": 500, ok: true }, {
    severity: 3,
    trace_id: "abc",
  }));
  assert.deepEqual(Object.fromEntries(labels.all(0)), {
    service_name: "shop",
    level: "warn",
    detected_level: "warn",
    trace_id: "abc",
    env: "prod",
    http_status: "500",
    ok: "true",
  });
  assert.equal(labels.get(0, "service"), "shop");
  assert.equal(labels.get(0, "severity"), "warn");
  assert.equal(labels.get(0, "http_status"), "500");
  assert.equal(labels.get(0, "nothing"), "");
});

Deno.test("objects within one another are parted by _, arrays are JSON, empty values no labels", () => {
  const labels = new RowLabels(columnsOf({
    req: { method: "GET", deep: { x: 1.5 } },
    tags: ["a", 1],
    none: null,
    empty: "",
    "1st": "digit",
    "a b/c": "spaces",
  }));
  assert.deepEqual(Object.fromEntries([...labels.all(0)].slice(3)), {
    req_method: "GET",
    req_deep_x: "1.5",
    tags: '["a",1]',
    _1st: "digit",
    a_b_c: "spaces",
  });
  assert.equal(labels.get(0, "req_deep_x"), "1.5");
  assert.equal(labels.get(0, "req"), "");
  assert.equal(labels.get(0, "tags"), '["a",1]');
});

Deno.test("an attribute of a name that is taken is NAME_extracted", () => {
  const labels = new RowLabels(columnsOf({ level: "odd", service: "s", trace_id: "t", x: "1" }));
  const all = labels.all(0);
  assert.equal(all.get("level"), "info");
  for (const name of ["level", "service", "trace_id"]) {
    assert.equal(all.get(`${name}_extracted`), labels.get(0, `${name}_extracted`), name);
  }
  assert.equal(all.get("level_extracted"), "odd");
  assert.equal(all.has("trace_id"), false);
});

Deno.test("get() gives what all() gives, in whichever columns the attributes stand", () => {
  const name = fc.constantFrom("a", "b", "a.b", "a_b", "a-b", "c", "1a", "é", "a.b.c");
  const leaf = fc.oneof(fc.string({ maxLength: 4 }), fc.integer(), fc.boolean(), fc.constant(null));
  const value = fc.oneof(leaf, fc.dictionary(name, leaf, { maxKeys: 2 }), fc.array(leaf));
  const attributes = fc.dictionary(name, value, { maxKeys: 4 });
  fc.assert(fc.property(attributes, fc.subarray(["a", "b", "a.b", "c"]), (object, own) => {
    const { texts, ...rest } = columnsOf(object);
    const split = { ...rest, texts: new Map(texts) };
    // As segments have them: common attributes in columns of their own.
    const others: Record<string, unknown> = { ...object };
    for (const one of own) {
      if (!Object.hasOwn(object, one)) continue;
      const batch = new RecordBatch();
      batch.append(0, 0, "s", 2, JSON.stringify(object[one]));
      split.texts.set(`attr.${one}`, sealBatches([batch], 1, 0).texts.get("message")!);
      delete others[one];
    }
    const batch = new RecordBatch();
    batch.append(0, 0, "s", 2, Object.keys(others).length === 0 ? "" : JSON.stringify(others));
    split.texts.set("attributes", sealBatches([batch], 1, 0).texts.get("message")!);
    for (const columns of [columnsOf(object), split]) {
      const labels = new RowLabels(columns);
      for (const [label, expected] of labels.all(0)) {
        if (!label.endsWith("_extracted")) assert.equal(labels.get(0, label), expected, label);
      }
    }
  }));
});
