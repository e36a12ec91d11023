/** @module The storage engine's public surface. */
export {
  type BackupOptions,
  type CopyProgress,
  restoreBackup,
  verifyBackup,
  writeBackup,
  type WrittenBackup,
} from "./backup.ts";
export type { BackupManifest } from "./backup_file.ts";
export { fileExists, folderOf, putInPlace, removeFile } from "./durable_file.ts";
export { type CheckProgress, checkStore, type CheckSummary } from "./check.ts";
export { checkDataFile } from "./check_file.ts";
export { type CheckFinding, findingText } from "./check_findings.ts";
export { Durations } from "./durations.ts";
export {
  DatabaseError,
  IdempotencyConflictError,
  OpenError,
  OutcomeUnknownError,
  OverloadedError,
  type RefusalReason,
  TooManyMatchesError,
} from "./errors.ts";
export { type LockHolder, readLockHolder } from "./lock.ts";
export type { SearchReply, SearchRequest } from "./search_messages.ts";
export type { SearchWorker } from "./search_pool.ts";
export { RETENTION_BYTES_MIN, RETENTION_RULES_MAX } from "./limits.ts";
export { RetentionPolicy, type RetentionRule } from "./retention_policy.ts";
export { shrinkFile, type ShrunkFile } from "./shrink.ts";
export { EngineStore, openStore, type OpenStoreOptions } from "./store.ts";
export type { Log, LogFields, LogLevel } from "./state.ts";
export type { CommitListener } from "./subscription.ts";
export type {
  Appended,
  Asker,
  DeleteSpec,
  Digest,
  DigestVisitor,
  DiskFigures,
  IdempotencyKey,
  Instant,
  NotReady,
  OrderedScanSpec,
  Position,
  RecordScan,
  RowPredicate,
  ScanSpec,
  SearchedColumns,
  Snapshot,
  Store,
  StreamTotal,
  TokenTable,
  Visitor,
  WholeRun,
} from "./types.ts";
