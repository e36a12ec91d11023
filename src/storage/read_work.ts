/**
 * What reading has cost since the store was opened. Counts that only grow: a time depends on the machine and on its day,
 * these only on the code and the data, so that a test can hold them to the last one.
 */
export class ReadWork {
  /** Heads decoded: segments that were looked into and were not in the cache. */
  heads = 0;
  /** Token filters decoded, because they were not in the cache. */
  filters = 0;
  /** Text columns decoded, because they were not in the cache. */
  columns = 0;
  /** Bytes of these columns, decompressed. */
  columnBytes = 0;
  /** Segments and chunks of the memtable whose rows were looked at, from the cache or not. */
  sources = 0;
  /** Rows within the bounds of a query that its predicate was shown. */
  rowsSearched = 0;
  /** Rows that were found to match. */
  rowsMatched = 0;
  /** Rows that were given out with their texts. */
  rowsGiven = 0;
}
