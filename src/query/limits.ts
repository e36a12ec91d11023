/** @module Every bound of a query, with its reason. */

/** Records in a page if the request does not say: a screenful to scroll through, some hundred KiB. */
export const PAGE_LIMIT_DEFAULT = 1_000;

/** Records in a page at most: a few MiB of JSON at the usual 250 bytes a record; more is for streams. */
export const PAGE_LIMIT_MAX = 10_000;

/**
 * Bytes of text after which a page ends before its limit, with a cursor to go on: 10,000 messages of 64 KiB would be
 * 640 MB in memory. A thousand messages of the greatest length, a default page of them, still fit.
 */
export const PAGE_TEXT_BYTES_MAX = 68 * 1024 * 1024;

/** Records asked of the engine at once, and in one piece of a stream: at most 64 MiB of the longest messages. */
export const CHUNK_ROWS = 1_000;

/** Values of one filter parameter: what a URL of usual length holds; each costs a comparison for each record. */
export const FILTER_VALUES_MAX = 100;

/** UTF-16 units of a filter's value: no trace id, service or attribute worth comparing is longer. */
export const FILTER_VALUE_UNITS_MAX = 1_024;

/** UTF-16 units of `q`: URLs are cut at about 8 KiB on their way. */
export const TEXT_QUERY_UNITS_MAX = 4_096;

/** Neighbours of a record on each side if the request does not say, and at most: they are one answer, not a page. */
export const CONTEXT_DEFAULT = 10;
/** See {@linkcode CONTEXT_DEFAULT}. */
export const CONTEXT_MAX = 1_000;

/** Buckets of a histogram: more than a chart of 2,000 pixels can show. */
export const HISTOGRAM_BUCKETS_MAX = 2_000;

/** Buckets that an interval of the server's choice gives at most; the ladder of intervals then gives 60 at least. */
export const HISTOGRAM_BUCKETS_CHOSEN_MAX = 120;

/** Counts in a histogram, one for each service in each bucket: some 25 MB held, 12 MB as JSON. */
export const HISTOGRAM_COUNTS_MAX = 500_000;

/** Distinct values that facets count one by one: with values of the greatest length about 20 MB. */
export const FACET_VALUES_COUNTED_MAX = 10_000;

/** UTF-16 units of a value that facets list: a longer one could not be filtered by. */
export const FACET_VALUE_UNITS_MAX = FILTER_VALUE_UNITS_MAX;

/** Values that facets answer with: all that are counted, unless the request wants only the commonest. */
export const FACET_LIMIT_MAX = FACET_VALUES_COUNTED_MAX;
