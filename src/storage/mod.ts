/** @module The storage engine's public surface. */
export {
  type BackupOptions,
  type CopyProgress,
  restoreBackup,
  verifyBackup,
  writeBackup,
  type WrittenBackup,
} from "./copies/backup.ts";
export type { BackupManifest } from "./copies/backup_file.ts";
export { fileExists, folderOf, putInPlace, removeFile } from "./copies/durable_file.ts";
export { type CheckProgress, checkStore, type CheckSummary } from "./check/check.ts";
export { checkDataFile } from "./check/check_file.ts";
export { type CheckFinding, findingText } from "./check/check_findings.ts";
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
export { type LockHolder, readLockHolder } from "./disk/lock.ts";
export type { SearchReply, SearchRequest } from "./search_messages.ts";
export type { SearchWorker } from "./search_pool.ts";
export { RETENTION_BYTES_MIN, RETENTION_RULES_MAX } from "./limits.ts";
export { RetentionPolicy, type RetentionRule } from "./retention/retention_policy.ts";
export { shrinkFile, type ShrunkFile } from "./copies/shrink.ts";
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
