/**
 * @module What Elasticsearch's clients and shippers ask before they send anything, and after: answers that let them go on. The
 * server has no indexes, templates or policies; it says yes to whoever sets them up.
 */

/**
 * The version that is claimed. Vector and Beats choose their requests by it: without `_type`, with data streams. Every
 * client from 7 on takes an 8.
 */
const VERSION = "8.19.0";

const CLUSTER_NAME = "log-sentinel";

/** An answer to a probe. */
export interface ProbeAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Empty for `HEAD`. */
  readonly body: string;
}

/**
 * The answer to a request that stores no document; `undefined` if it is none of those. Every answer goes out with the header
 * `X-Elastic-Product: Elasticsearch`, which the clients of version 8 and later insist on.
 * @param path without its query
 * @param release this server's own version
 */
export function answerElasticsearchProbe(
  method: string,
  path: string,
  release: string,
): ProbeAnswer | undefined {
  const isHead = method === "HEAD";
  if (path === "/_cat/health") return answer(isHead, undefined);
  const value = probeBody(isHead ? "GET" : method, path, release);
  return value === undefined ? undefined : answer(isHead, value);
}

function answer(isHead: boolean, value: unknown): ProbeAnswer {
  if (value === undefined) {
    const body = isHead ? "" : `${CLUSTER_NAME} green\n`;
    return { status: 200, contentType: "text/plain; charset=UTF-8", body };
  }
  const body = isHead ? "" : JSON.stringify(value);
  return { status: 200, contentType: "application/json", body };
}

const OBJECT_PATH =
  /^\/(_ilm\/policy|_index_template|_component_template|_template|_ingest\/pipeline|_data_stream)(?:\/([^/]+))?$/;

function probeBody(method: string, path: string, release: string): unknown {
  const isRead = method === "GET";
  if (path === "/" && isRead) return info(release);
  if (/^\/_cluster\/health(\/[^/]+)?$/.test(path) && isRead) return health();
  if ((path === "/_license" || path === "/_xpack") && isRead) return license(path);
  if (/^\/_nodes(\/.*)?$/.test(path) && isRead) return nodes();
  if (/^(\/[^/]+)?\/_(refresh|flush)$/.test(path) && (method === "POST" || isRead)) {
    return { _shards: { total: 1, successful: 1, failed: 0 } };
  }
  const match = OBJECT_PATH.exec(path);
  if (match === null) return undefined;
  const [, kind = "", name] = match;
  if (isRead) return readObject(kind, name);
  return name !== undefined && (method === "PUT" || method === "POST")
    ? { acknowledged: true }
    : undefined;
}

function info(release: string): unknown {
  return {
    name: CLUSTER_NAME,
    cluster_name: CLUSTER_NAME,
    cluster_uuid: "AAAAAAAAAAAAAAAAAAAAAA",
    version: {
      number: VERSION,
      build_flavor: "default",
      build_type: "tar",
      build_hash: "0000000000000000000000000000000000000000",
      build_date: "1970-01-01T00:00:00.000Z",
      build_snapshot: false,
      lucene_version: "9.12.0",
      minimum_wire_compatibility_version: "7.17.0",
      minimum_index_compatibility_version: "7.0.0",
    },
    release,
    tagline: "A log server that takes what Elasticsearch's clients send",
  };
}

function health(): unknown {
  return {
    cluster_name: CLUSTER_NAME,
    status: "green",
    timed_out: false,
    number_of_nodes: 1,
    number_of_data_nodes: 1,
    active_primary_shards: 1,
    active_shards: 1,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: 0,
  };
}

function license(path: string): unknown {
  const uid = "00000000-0000-0000-0000-000000000000";
  const facts = { uid, type: "basic", mode: "basic", status: "active" };
  return path === "/_license" ? { license: facts } : { license: facts, features: {} };
}

function nodes(): unknown {
  return {
    _nodes: { total: 1, successful: 1, failed: 0 },
    cluster_name: CLUSTER_NAME,
    nodes: { [CLUSTER_NAME]: { name: CLUSTER_NAME, version: VERSION, roles: ["data", "ingest"] } },
  };
}

/** As if whatever is asked for existed: shippers then leave it as it is. */
function readObject(kind: string, name: string | undefined): unknown {
  if (name === undefined) return {};
  switch (kind) {
    case "_index_template":
      return {
        index_templates: [{ name, index_template: { index_patterns: [], composed_of: [] } }],
      };
    case "_component_template":
      return { component_templates: [{ name, component_template: { template: {} } }] };
    case "_data_stream":
      return { data_streams: [{ name, status: "GREEN" }] };
    case "_ilm/policy":
      return { [name]: { version: 1, policy: { phases: {} } } };
    default:
      return { [name]: {} };
  }
}
