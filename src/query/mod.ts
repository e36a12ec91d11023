/** @module Questions about stored records: filters, scopes and the text query; parse, plan, run, write. */
export { InvalidParameterError, QuerySyntaxError } from "./errors.ts";
export { FILTER_PARAMETERS, type LogFilters, parseLogFilters } from "./filters.ts";
export { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "./limits.ts";
export {
  FORMAT_PARAMETERS,
  type Paging,
  PAGING_PARAMETERS,
  parsePaging,
  parseRowFormat,
} from "./paging.ts";
export type { Order } from "./cursor.ts";
export { parseDeletion } from "./deletion.ts";
export { type ReadScope, scopeAllows } from "./plan.ts";
export { allOf } from "./predicates.ts";
export { type RowFormat, RowWriter } from "./row_writer.ts";
export {
  FACET_PARAMETERS,
  type FacetOptions,
  type Facets,
  parseFacetOptions,
  readFacets,
} from "./run_facets.ts";
export {
  type Bucket,
  type Histogram,
  HISTOGRAM_PARAMETERS,
  type HistogramOptions,
  parseHistogramOptions,
  readHistogram,
} from "./run_histogram.ts";
export { LiveFilter } from "./live_filter.ts";
export { type NewRows, readNew } from "./run_new.ts";
export { type Page, type PageOptions, readAll, readPage, type StreamOptions } from "./run_page.ts";
export {
  CONTEXT_PARAMETERS,
  parseContextOptions,
  readContext,
  readRecord,
  type RecordContext,
} from "./run_record.ts";
export {
  parseStatsOptions,
  readStats,
  STATS_PARAMETERS,
  type StatsCounts,
  type StatsOptions,
  type StreamCount,
} from "./run_stats.ts";
export { startSearchWorker } from "./start_search_worker.ts";
export { ExactMatcher, exactWords } from "./text_exact.ts";
export { LiteralMatcher, PickedTexts } from "./text_match.ts";
export { compileTextQuery, parseTextQuery, type TextQuery } from "./text_query.ts";
export { compileTextRegex, REGEX_TERMS_MAX, type TextRegex } from "./text_regex.ts";
export { certainWords, literalOf, type TextLiteral } from "./text_words.ts";
