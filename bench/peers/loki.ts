/** @module Loki: one process on the file system, its limits out of the way, everything else as it comes. */

import { ask, untilStill } from "../ask.ts";
import { freePort, startServer } from "../child.ts";
import type { Expected } from "../expected.ts";
import { requestHead } from "../requests.ts";
import type { Contender, Running } from "./contender.ts";
import { countRequest, countsOf, lokiQueries } from "./loki_queries.ts";
import { bytesOfAll, untilReady, versionOf } from "./programs.ts";

const PROGRAM = "loki";

/** Chunks are written within seconds after it is told to. */
const SETTLE_MS_MAX = 120_000;

/** Loki. */
export const LOKI: Contender = {
  name: "Loki",
  program: PROGRAM,
  version: async () => (await versionOf([PROGRAM], ["--version"], /version (\S+)/))?.version,
  start,
};

async function start(directory: string, expected: Expected): Promise<Running> {
  const [httpPort, grpcPort] = [freePort(), freePort()];
  const url = new URL(`http://127.0.0.1:${httpPort}`);
  const file = `${directory}/config.json`;
  // JSON is YAML too.
  await Deno.writeTextFile(
    file,
    JSON.stringify(configuration(directory, httpPort, grpcPort, expected)),
  );
  // It logs to standard error, and keeps chunks below where it is started; with exec the process is Loki's own.
  const exec = ["-c", 'cd "$0" && exec "$@" 2>&1', directory, PROGRAM, `-config.file=${file}`];
  const process = await startServer("sh", exec, /msg="Loki started"/);
  await untilReady(url, "/ready");
  // Records of long ago are looked for in files alone, so that those in memory have to be there first.
  const flush = requestHead("POST", new URL("/flush", url), { "Content-Length": "0" });
  const stored = async () => {
    await ask(url, flush);
    return countsOf(await ask(url, countRequest(url, expected.asked.range)));
  };
  return {
    process,
    target: {
      url: new URL("/loki/api/v1/push", url),
      contentType: "application/x-protobuf",
      form: "loki",
    },
    stored,
    settle: async (records, stillMs) => {
      const bytes = () => bytesOfAll(directory, stored, records);
      if (await untilStill(bytes, stillMs, SETTLE_MS_MAX)) return;
      throw new Error(`Loki does not settle with ${records} records`);
    },
    queries: () => lokiQueries(url, expected),
    restart: () => start(directory, expected),
  };
}

function configuration(
  directory: string,
  httpPort: number,
  grpcPort: number,
  expected: Expected,
): unknown {
  return {
    auth_enabled: false,
    analytics: { reporting_enabled: false },
    server: {
      http_listen_address: "127.0.0.1",
      http_listen_port: httpPort,
      grpc_listen_address: "127.0.0.1",
      grpc_listen_port: grpcPort,
      log_level: "info",
    },
    memberlist: { bind_addr: ["127.0.0.1"] },
    common: {
      instance_addr: "127.0.0.1",
      path_prefix: directory,
      replication_factor: 1,
      ring: { kvstore: { store: "inmemory" } },
      storage: {
        filesystem: {
          chunks_directory: `${directory}/chunks`,
          rules_directory: `${directory}/rules`,
        },
      },
    },
    ingester: {
      lifecycler: { min_ready_duration: "0s", final_sleep: "0s" },
      max_chunk_age: `${chunkHours(expected)}h`,
    },
    schema_config: {
      configs: [{
        from: "2020-01-01",
        store: "tsdb",
        object_store: "filesystem",
        schema: "v13",
        index: { prefix: "index_", period: "24h" },
      }],
    },
    limits_config: {
      reject_old_samples: false,
      // The generated day may be yet to come.
      creation_grace_period: "876000h",
      ingestion_rate_mb: 1024,
      ingestion_burst_size_mb: 1024,
      per_stream_rate_limit: "1GB",
      per_stream_rate_limit_burst: "1GB",
      max_entries_limit_per_query: 1_000_000,
      // The records name their service and their severity as labels.
      discover_service_name: [],
      discover_log_levels: false,
    },
  };
}

/**
 * Two, as it comes; but records more than half of this behind others are refused, so that it is more where the records
 * are so few that those of ten requests, over several connections at once, span more than that.
 */
function chunkHours({ asked: { range }, records }: Expected): number {
  const hours = (Date.parse(range.end) - Date.parse(range.start)) / (60 * 60 * 1000);
  return Math.max(2, Math.ceil(hours * 2 * 10_000 / records));
}
