import {
  countLabelValues,
  evaluateMetric,
  FieldTally,
  type Grid,
  type Labels,
  listLabels,
  listLabelValues,
  listSeries,
  LogqlError,
  type Matcher,
  parseLogExpr,
  parseQuery,
  parseSelector,
  readAmounts,
  readLines,
  readVolumes,
  select,
  type Selection,
  type TimeRange,
} from "../logql/mod.ts";
import { OutcomeUnknownError, type Snapshot } from "../storage/mod.ts";
import { errorResponse } from "./errors.ts";
import {
  labelsJson,
  matrixJson,
  queryResponse,
  streamsJson,
  valueJson,
  wantsCategories,
} from "./loki_json.ts";
import { LokiParameters } from "./loki_parameters.ts";
import { lokiTail } from "./loki_tail.ts";
import { headerText, jsonResponse, jsonText } from "./respond.ts";
import type { Call, HttpContext, Route } from "./route.ts";
import { incompleteHeaders, READ_EVERYTHING, withSnapshot } from "./snapshots.ts";

/** The version of Loki whose API this is: its clients ask for it before they use what older ones lack. */
const LOKI_VERSION = "3.0.0";

/** Where a listing of labels begins if the request does not say. */
const LABELS_SINCE_MS = 6 * 3_600_000;

/** Fields and volumes that an answer has if the request does not say. */
const FIELDS_DEFAULT = 1_000;
const VOLUMES_DEFAULT = 100;

type Answer = (params: LokiParameters, call: Call) => Response | Promise<Response>;

/** What Grafana's data source, `logcli` and others ask Loki for. */
export function lokiRoutes(context: HttpContext): Route[] {
  const both = (path: string, answer: Answer): Route[] => [
    lokiRoute("GET", path, answer, context),
    lokiRoute("POST", path, answer, context),
  ];
  return [
    ...both("/loki/api/v1/query_range", (params, call) => queryRange(params, call, context)),
    ...both("/loki/api/v1/query", (params, call) => queryInstant(params, call, context)),
    ...both("/loki/api/v1/labels", (params) => labels(params, context)),
    ...both("/loki/api/v1/label", (params) => labels(params, context)),
    ...both("/loki/api/v1/label/:name/values", (params, call) => values(params, call, context)),
    ...both("/loki/api/v1/series", (params) => series(params, context)),
    ...both("/loki/api/v1/index/stats", (params) => amounts(params, context)),
    ...both("/loki/api/v1/index/volume", (params) => volume(params, context, true)),
    ...both("/loki/api/v1/index/volume_range", (params) => volume(params, context, false)),
    ...both("/loki/api/v1/detected_labels", (params) => detectedLabels(params, context)),
    ...both("/loki/api/v1/detected_fields", (params) => detectedFields(params, context)),
    ...both(
      "/loki/api/v1/detected_field/:name/values",
      (params, call) => detectedFields(params, context, call.params.name!),
    ),
    // Patterns of lines are not looked for: there are none.
    ...both("/loki/api/v1/patterns", () => jsonResponse({ status: "success", data: [] })),
    lokiRoute("GET", "/loki/api/v1/status/buildinfo", () => buildInfo(context), context),
    lokiRoute("GET", "/loki/api/v1/drilldown-limits", drilldownLimits, context),
    lokiRoute(
      "GET",
      "/loki/api/v1/tail",
      (params, call) => lokiTail(params, call, context),
      context,
    ),
  ];
}

/** A route whose errors are a sentence of plain text, as Loki's are. */
function lokiRoute(
  method: "GET" | "POST",
  path: string,
  answer: Answer,
  context: HttpContext,
): Route {
  return {
    method,
    path,
    access: "read",
    async handle(call) {
      try {
        return await answer(await LokiParameters.of(call, context), call);
      } catch (error) {
        if (error instanceof OutcomeUnknownError) throw error;
        return await plainError(errorResponse(error, `${method} ${path}`, context.log));
      }
    },
  };
}

async function plainError(response: Response): Promise<Response> {
  // Nobody is there to read it.
  if (response.body === null) return response;
  const { error } = await response.json() as { error: string };
  const { status, headers } = response;
  headers.set("content-type", "text/plain; charset=utf-8");
  return new Response(error, { status, headers });
}

async function queryRange(
  params: LokiParameters,
  call: Call,
  context: HttpContext,
): Promise<Response> {
  const query = parseQuery(params.required("query"));
  const range = params.range();
  if (query.kind !== "log") {
    return await answerMetric(query, params.grid(range), false, call, context);
  }
  const options = {
    ...range,
    limit: params.lineLimit,
    forward: params.forward,
    intervalMs: params.intervalMs,
  };
  const categorize = wantsCategories(call.request);
  const startedMs = performance.now();
  return await withSnapshot(context, async (snapshot) => {
    const lines = await readLines(snapshot, query, READ_EVERYTHING, options);
    const stats = { seconds: secondsSince(startedMs), entries: lines.length };
    const pieces = streamsJson(lines, categorize);
    return queryResponse("streams", pieces, stats, categorize, incompleteHeaders(snapshot));
  }, call.request);
}

async function queryInstant(
  params: LokiParameters,
  call: Call,
  context: HttpContext,
): Promise<Response> {
  const query = parseQuery(params.required("query"));
  if (query.kind === "log") {
    throw new LogqlError(
      "log queries are not supported as an instant query type, please change your query to a range query type",
    );
  }
  return await answerMetric(
    query,
    { start: params.time, stepMs: 1, count: 1 },
    true,
    call,
    context,
  );
}

async function answerMetric(
  query: Parameters<typeof evaluateMetric>[0],
  grid: Grid,
  isInstant: boolean,
  call: Call,
  context: HttpContext,
): Promise<Response> {
  const startedMs = performance.now();
  return await withSnapshot(context, async (snapshot) => {
    const value = await evaluateMetric(query, { snapshot, scope: READ_EVERYTHING, grid });
    const { type, pieces } = valueJson(value, grid, isInstant);
    const entries = typeof value === "number" ? 1 : value.length;
    const stats = { seconds: secondsSince(startedMs), entries };
    return queryResponse(type, pieces, stats, false, incompleteHeaders(snapshot));
  }, call.request);
}

function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1000;
}

/** Answers from what a selector selects; without one from everything. */
function withSelection(
  context: HttpContext,
  query: string,
  range: TimeRange,
  answer: (selection: Selection, snapshot: Snapshot) => Promise<Response>,
): Promise<Response> {
  const matchers = query === "" ? [] : matchersOf(query);
  return withSnapshot(
    context,
    (snapshot) => answer(select(snapshot, matchers, READ_EVERYTHING, range), snapshot),
  );
}

/** The matchers of a selector; `{}` and a pipeline behind it are let pass. */
function matchersOf(query: string): readonly Matcher[] {
  return /^\s*\{\s*\}\s*$/.test(query) ? parseSelector(query) : parseLogExpr(query).matchers;
}

function success(data: unknown, snapshot: Snapshot): Response {
  return jsonResponse({ status: "success", data }, 200, incompleteHeaders(snapshot));
}

function labels(params: LokiParameters, context: HttpContext): Promise<Response> {
  const range = params.range(LABELS_SINCE_MS);
  return withSelection(
    context,
    params.text("query"),
    range,
    async (selection, snapshot) => success(await listLabels(selection), snapshot),
  );
}

function values(params: LokiParameters, call: Call, context: HttpContext): Promise<Response> {
  const range = params.range(LABELS_SINCE_MS);
  return withSelection(
    context,
    params.text("query"),
    range,
    async (selection, snapshot) =>
      success(await listLabelValues(selection, call.params.name!), snapshot),
  );
}

async function series(params: LokiParameters, context: HttpContext): Promise<Response> {
  const range = params.range(LABELS_SINCE_MS);
  const given = [...params.all("match[]"), ...params.all("match")];
  const selectors = given.length === 0 ? [[]] : given.map(matchersOf);
  return await withSnapshot(context, async (snapshot) => {
    let found = new Map<string, Labels>();
    for (const matchers of selectors) {
      found = await listSeries(select(snapshot, matchers, READ_EVERYTHING, range), found);
    }
    const sets = [...found.keys()].sort().map((key) => labelsJson(found.get(key)!));
    return jsonText(
      `{"status":"success","data":[${sets.join(",")}]}`,
      200,
      incompleteHeaders(snapshot),
    );
  });
}

function amounts(params: LokiParameters, context: HttpContext): Promise<Response> {
  return withSelection(
    context,
    params.required("query"),
    params.range(),
    async (selection, snapshot) =>
      jsonResponse(await readAmounts(selection), 200, incompleteHeaders(snapshot)),
  );
}

async function volume(
  params: LokiParameters,
  context: HttpContext,
  isInstant: boolean,
): Promise<Response> {
  const matchers = matchersOf(params.required("query"));
  const range = params.range();
  const targets = params.text("targetLabels").split(",").filter((name) => name !== "");
  const labels = targets.length > 0 ? targets : [...new Set(matchers.map(({ name }) => name))];
  const aggregateBy = params.text("aggregateBy");
  if (!["", "series", "labels"].includes(aggregateBy)) {
    throw new LogqlError("invalid aggregation option: it can be series or labels");
  }
  const limit = params.integer("limit", VOLUMES_DEFAULT);
  const grid = isInstant ? instantGrid(range) : params.grid(range);
  const startedMs = performance.now();
  return await withSnapshot(context, async (snapshot) => {
    const found = await readVolumes(matchers, {
      snapshot,
      scope: READ_EVERYTHING,
      grid,
      labels,
      byName: aggregateBy === "labels",
      limit,
    });
    const stats = { seconds: secondsSince(startedMs), entries: found.length };
    const headers = incompleteHeaders(snapshot);
    if (!isInstant) return queryResponse("matrix", matrixJson(found, grid), stats, false, headers);
    return queryResponse("vector", valueJson(found, grid, true).pieces, stats, false, headers);
  });
}

/** One point, at the end of a range, for all of it. */
function instantGrid({ start, end }: TimeRange): Grid {
  return { start: end, stepMs: Math.max(1, Math.ceil(end.ms - start.ms)), count: 1 };
}

function detectedLabels(params: LokiParameters, context: HttpContext): Promise<Response> {
  return withSelection(
    context,
    params.text("query"),
    params.range(),
    async (selection, snapshot) =>
      jsonResponse(
        { detectedLabels: await countLabelValues(selection) },
        200,
        incompleteHeaders(snapshot),
      ),
  );
}

async function detectedFields(
  params: LokiParameters,
  context: HttpContext,
  name?: string,
): Promise<Response> {
  const query = parseLogExpr(params.required("query"));
  const limit = params.integer("limit", params.integer("field_limit", FIELDS_DEFAULT));
  const options = {
    ...params.range(),
    limit: Math.min(params.integer("line_limit", 100), 1_000),
    forward: false,
    intervalMs: 0,
  };
  return await withSnapshot(context, async (snapshot) => {
    const tally = new FieldTally(await readLines(snapshot, query, READ_EVERYTHING, options));
    const found = name === undefined
      ? { fields: tally.fields(limit) }
      : { values: tally.values(name, limit) };
    return jsonResponse({ ...found, limit }, 200, incompleteHeaders(snapshot));
  });
}

function buildInfo({ version }: HttpContext): Response {
  return jsonResponse({
    version: LOKI_VERSION,
    revision: headerText(`log-sentinel ${version}`),
    branch: "",
    buildUser: "",
    buildDate: "",
    goVersion: "",
  });
}

function drilldownLimits(): Response {
  return jsonResponse({
    limits: { discover_log_levels: true, max_entries_limit_per_query: 5_000, volume_enabled: true },
    pattern_ingester_enabled: false,
    version: LOKI_VERSION,
  });
}
