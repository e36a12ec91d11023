/** @module Records of wire formats appended field by field, within the limits of a record: the hot path of the decoders. */

import {
  extraSeverityNumber,
  extraSeverityText,
  RecordBatch,
  SEVERITY_NUMBER_MAX,
  SEVERITY_NUMBER_MIN,
  type SeverityCode,
  severityFromNumber,
  type SeverityReading,
} from "../record.ts";
import { AttributeList } from "./_attribute_list.ts";
import { jsonText } from "./_json_text.ts";
import { PLAIN_INFO, severityOfName } from "./_lenient_severity.ts";
import {
  cleanService,
  cutMessage,
  cutSeverityText,
  fitsMessage,
  fitsSeverityText,
  MESSAGE_TRUNCATED_NAME,
} from "./_lenient_text.ts";
import { BadBodyError, BodyTooLargeError } from "./errors.ts";
import { BATCH_TEXT_UNITS_MAX, BODY_RECORDS_MAX } from "./limits.ts";

/**
 * Appends the records of one body to a batch. Of each record the service stays as it was; everything else is set anew, between
 * `startRecord` and `endRecord`.
 */
export class WireRecords {
  readonly batch = new RecordBatch();
  readonly attributes = new AttributeList();
  /** Messages that were cut. */
  cutMessages = 0;
  ms = 0;
  ns = 0;
  /** The message, unless its bytes have been written to the batch: see {@linkcode startBytes}. */
  message = "";
  /** Where the message's bytes begin in the batch's texts; -1: it is a string. */
  #bytesStart = -1;
  traceId: string | undefined;
  spanId: string | undefined;
  #service = cleanService("");
  /** What the last number and text of a severity came to: records repeat few. */
  #lastNumber = NaN;
  #lastText = "";
  #lastReading: SeverityReading = PLAIN_INFO;
  #severity: SeverityCode = 2;
  // One object for all records: append() keeps none.
  readonly #optional: {
    attributes: string | undefined;
    trace_id: string | undefined;
    span_id: string | undefined;
    severity_number: string | undefined;
    severity_text: string | undefined;
  } = {
    attributes: undefined,
    trace_id: undefined,
    span_id: undefined,
    severity_number: undefined,
    severity_text: undefined,
  };

  /**
   * Sets the service of the records to come.
   * @param name as it was sent
   * @param fallback for a name that is missing or empty
   * @returns whether nothing of the name was lost
   */
  setService(name: string | undefined, fallback: string | undefined): boolean {
    const sent = name ?? "";
    this.#service = cleanService(sent === "" ? fallback ?? "" : sent);
    return sent === "" || sent === this.#service;
  }

  startRecord(): void {
    this.traceId = this.spanId = undefined;
    this.message = "";
    this.#bytesStart = -1;
    this.attributes.start();
  }

  /**
   * Says that the message's bytes will be written to `batch.texts`, which has room for them, instead of what there was of it: UTF-8,
   * and no more than a message may have. `stringInstead` takes that back.
   */
  startBytes(): void {
    this.stringInstead();
    this.#bytesStart = this.batch.texts.used;
  }

  /** Says that the message is a string after all. */
  stringInstead(): void {
    if (this.#bytesStart >= 0) this.batch.texts.used = this.#bytesStart;
    this.#bytesStart = -1;
  }

  /** Adds an attribute. @param json its value as `JSON.stringify` writes it */
  add(name: string, json: string): void {
    this.attributes.add(this.attributes.name(name), json);
  }

  /** Sets the severity: OpenTelemetry's number decides, 0 for none, then the text. Both are kept where they say more. */
  setSeverity(number: number, text: string): void {
    if (number < SEVERITY_NUMBER_MIN) {
      this.setReading(text === "" ? PLAIN_INFO : severityOfName(text));
      if (number !== 0) this.add("severity_number", String(number));
      return;
    }
    if (number !== this.#lastNumber || text !== this.#lastText) {
      this.#lastNumber = number;
      this.#lastText = text;
      const code = severityFromNumber(number);
      this.#lastReading = {
        code,
        number: extraSeverityNumber(number, code),
        text: text === "" ? undefined : extraSeverityText(text, code),
      };
    }
    this.setReading(this.#lastReading);
    if (number > SEVERITY_NUMBER_MAX) this.add("severity_number", String(number));
  }

  setReading(reading: SeverityReading): void {
    this.#severity = reading.code;
    this.#optional.severity_number = reading.number;
    this.#setText(reading.text);
  }

  #setText(text: string | undefined): void {
    if (text === undefined || fitsSeverityText(text)) {
      this.#optional.severity_text = text;
      return;
    }
    this.#optional.severity_text = cutSeverityText(text);
    this.add("severity_text", jsonText(text));
  }

  /**
   * Appends the record.
   * @throws {BadBodyError} the body has too many records
   * @throws {BodyTooLargeError} the records together have too much text
   */
  endRecord(): void {
    const { batch } = this;
    const { texts } = batch;
    let { message } = this;
    if (this.#bytesStart < 0 && !fitsMessage(message)) {
      const { text, lostBytes } = cutMessage(message);
      message = text;
      if (lostBytes > 0) {
        this.cutMessages++;
        this.add(MESSAGE_TRUNCATED_NAME, String(lostBytes));
      }
    }
    const optional = this.#optional;
    optional.attributes = this.attributes.text();
    optional.trace_id = this.traceId;
    optional.span_id = this.spanId;
    if (this.#bytesStart < 0) texts.push(message);
    else texts.end();
    const units = this.#bytesStart < 0 ? message.length : texts.used - this.#bytesStart;
    const { attributes, trace_id, span_id, severity_number, severity_text } = optional;
    const hasAny = (attributes ?? trace_id ?? span_id ?? severity_number ?? severity_text) !==
      undefined;
    batch.appendRow(
      this.ms,
      this.ns,
      this.#service,
      this.#severity,
      units,
      hasAny ? optional : undefined,
    );
    if (batch.length > BODY_RECORDS_MAX) {
      throw new BadBodyError(`Cannot take more than ${BODY_RECORDS_MAX} records in a body`);
    }
    if (batch.textUnits > BATCH_TEXT_UNITS_MAX) {
      throw new BodyTooLargeError(
        `The body's records have more than ${BATCH_TEXT_UNITS_MAX} characters, attributes that ` +
          "they share counted with each: send it in smaller parts",
      );
    }
  }
}
