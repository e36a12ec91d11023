/** @module Bytes to values and back: journal batches, segments, token filters, documents. Pure. */
export { joinAttributes, wholeAttributes } from "./attributes.ts";
export { decodeBatch, encodeBatch } from "./batch.ts";
export { decodeDocument, encodeDocument } from "./document.ts";
export { envelopeChecksum } from "./_envelope.ts";
export { CorruptDataError } from "./errors.ts";
export {
  cutFilterPages,
  type FilterPage,
  openFilterPage,
  PAGED_FILTER_BYTES_MAX,
  PAGED_FILTERS_MAX,
  pageOfToken,
} from "./filter_page.ts";
export { HEAD_BYTES_MAX, PART_BYTES_MAX, SEGMENT_ROWS_MAX } from "./limits.ts";
export { cutParts, joinParts } from "./parts.ts";
export { decodeSegmentColumn, encodeSegment } from "./segment.ts";
export { decodeSegmentHead } from "./segment_head.ts";
export {
  attributeToken,
  attributeWordToken,
  hashToken,
  type TokenHash,
  traceToken,
  wordsOf,
} from "./token.ts";
export { buildTokenFilter, openTokenFilter } from "./token_filter.ts";
export type {
  ColumnEntry,
  EncodedSegment,
  SegmentHead,
  SegmentRun,
  SegmentSummary,
  TokenFilter,
} from "./types.ts";
export { ChosenTexts } from "./chosen_texts.ts";
export { GatheredTexts } from "./gathered_texts.ts";
export { findGaps, TemplatedTexts } from "./templated_texts.ts";
