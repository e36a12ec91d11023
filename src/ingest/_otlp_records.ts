/**
 * @module OTLP's log records as ours, whichever encoding they come in.
 *
 * What has no field of its own becomes an attribute, in the names of opentelemetry-proto, so that none meets another:
 *
 * | OTLP | attribute |
 * | --- | --- |
 * | an attribute of the record | its own name |
 * | an attribute of the resource, but `service.name` | `resource.NAME` |
 * | an attribute of the scope; its name and version | `scope.NAME`, `scope.name`, `scope.version` |
 * | schema URLs | `resource.schema_url`, `scope.schema_url` |
 * | a resource's entities | `resource.entity_refs` |
 * | counts of dropped attributes, unless 0 | `dropped_attributes_count`, `resource.…`, `scope.…` |
 * | the record's event name, and flags unless 0 | `event_name`, `flags` |
 * | the time of observation, if the record has another | `observed_timestamp`, RFC 3339 |
 * | ids that are none, numbers of severities that do not exist | `trace_id`, `span_id`, `severity_number` |
 */

import { formatInstant, type Instant } from "../record.ts";
import type { Member } from "./_attribute_limits.ts";
import { jsonText } from "./_json_text.ts";
import { messageOf } from "./_otlp_value.ts";
import { WireRecords } from "./_wire_records.ts";

const SERVICE_NAME = "service.name";

/** 16 bytes and 8, not all of them 0, as lower-case hexadecimal digits. */
const TRACE_ID = /^(?!0*$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0*$)[0-9a-f]{16}$/;
const ZEROS = /^0*$/;

/** Collects the records of one body. Decoders fill in the public fields between `startRecord` and `endRecord`. */
export class OtlpRecords {
  readonly wire: WireRecords;
  readonly now: Instant;
  /** The current record. Times of 0 ms and 0 ns are absent. */
  timeMs = 0;
  timeNs = 0;
  observedMs = 0;
  observedNs = 0;
  severityNumber = 0;
  severityText = "";
  /** Hexadecimal digits. */
  traceId = "";
  spanId = "";
  droppedAttributes = 0;
  flags = 0;
  eventName = "";
  readonly #fallbackService: string | undefined;
  #service: string | undefined;
  #isResourceSet = false;
  #resource: Member[] = [];
  #entities: string[] = [];
  #scope: Member[] = [];

  constructor(now: Instant, fallbackService: string | undefined) {
    this.wire = new WireRecords();
    this.now = now;
    this.#fallbackService = fallbackService;
  }

  startResource(): void {
    this.#service = undefined;
    this.#isResourceSet = false;
    this.#resource = [];
    this.#entities = [];
  }

  /** An attribute of the resource, or another part of it under the name of one. */
  addResource(name: string, json: string): void {
    if (name === SERVICE_NAME && this.#service === undefined) this.#service = messageOf(json);
    else this.#resource.push([`resource.${name}`, json]);
  }

  /** An entity of the resource. @param json an object */
  addEntity(json: string): void {
    this.#entities.push(json);
  }

  startScope(): void {
    this.#scope = [];
  }

  /** As {@linkcode addResource}, of the scope. */
  addScope(name: string, json: string): void {
    this.#scope.push([`scope.${name}`, json]);
  }

  /** Begins the records of a scope. */
  startRecords(): void {
    const { attributes } = this.wire;
    if (!this.#isResourceSet) {
      this.#isResourceSet = true;
      const fits = this.wire.setService(this.#service, this.#fallbackService);
      if (!fits) this.addResource(SERVICE_NAME, jsonText(this.#service!));
      if (this.#entities.length > 0) {
        this.addResource("entity_refs", `[${this.#entities.join(",")}]`);
      }
      // Brought within the limits once, not for each of what may be a hundred thousand scopes.
      this.#resource = attributes.setContext(this.#resource).slice();
    }
    attributes.setContext([...this.#resource, ...this.#scope]);
  }

  startRecord(): void {
    this.timeMs =
      this.timeNs =
      this.observedMs =
      this.observedNs =
        0;
    this.severityNumber = this.droppedAttributes = this.flags = 0;
    this.severityText =
      this.traceId =
      this.spanId =
      this.eventName =
        "";
    this.wire.startRecord();
  }

  endRecord(): void {
    const { wire } = this;
    this.#setTime();
    wire.setSeverity(this.severityNumber, this.severityText);
    if (this.traceId !== "") wire.traceId = this.#id("trace_id", this.traceId, TRACE_ID);
    if (this.spanId !== "") wire.spanId = this.#id("span_id", this.spanId, SPAN_ID);
    if (this.eventName !== "") wire.add("event_name", jsonText(this.eventName));
    if (this.flags !== 0) wire.add("flags", String(this.flags));
    if (this.droppedAttributes !== 0) {
      wire.add("dropped_attributes_count", String(this.droppedAttributes));
    }
    wire.endRecord();
  }

  #setTime(): void {
    const { wire, timeMs, timeNs, observedMs, observedNs } = this;
    const hasTime = timeMs !== 0 || timeNs !== 0;
    const observed = observedMs !== 0 || observedNs !== 0;
    if (hasTime) {
      wire.ms = timeMs;
      wire.ns = timeNs;
      if (observed && (observedMs !== timeMs || observedNs !== timeNs)) {
        wire.add("observed_timestamp", `"${formatInstant(observedMs, observedNs)}"`);
      }
    } else {
      wire.ms = observed ? observedMs : this.now.ms;
      wire.ns = observed ? observedNs : this.now.ns;
    }
  }

  /** The id, if it is one; those that are not, but are something, become attributes. */
  #id(name: string, id: string, valid: RegExp): string | undefined {
    if (valid.test(id)) return id;
    if (!ZEROS.test(id)) this.wire.add(name, jsonText(id));
    return undefined;
  }
}
