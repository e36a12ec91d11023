import {
  FACET_PARAMETERS,
  HISTOGRAM_PARAMETERS,
  parseFacetOptions,
  parseHistogramOptions,
  parseLogFilters,
  parseStatsOptions,
  readFacets,
  readHistogram,
  readStats,
  STATS_PARAMETERS,
} from "../query/mod.ts";
import type { Snapshot } from "../storage/mod.ts";
import { jsonResponse } from "./respond.ts";
import type { HttpContext, Route } from "./route.ts";
import { incompleteHeaders, READ_EVERYTHING, withSnapshot } from "./snapshots.ts";

/** `GET /stats`, `GET /histogram` and `GET /facets`. */
export function statsRoutes(context: HttpContext): Route[] {
  const countRoute = (
    path: string,
    prepare: (params: URLSearchParams) => (snapshot: Snapshot) => Promise<unknown>,
  ): Route => ({
    method: "GET",
    path,
    access: "read",
    handle(call) {
      const count = prepare(call.query);
      return withSnapshot(
        context,
        async (snapshot) => jsonResponse(await count(snapshot), 200, incompleteHeaders(snapshot)),
        call.request,
      );
    },
  });
  return [
    countRoute("/stats", (params) => {
      const filters = parseLogFilters(params, STATS_PARAMETERS);
      const options = parseStatsOptions(params);
      return (snapshot) => readStats(snapshot, filters, READ_EVERYTHING, options);
    }),
    countRoute("/histogram", (params) => {
      const filters = parseLogFilters(params, HISTOGRAM_PARAMETERS);
      const options = parseHistogramOptions(params);
      return (snapshot) => readHistogram(snapshot, filters, READ_EVERYTHING, options);
    }),
    countRoute("/facets", (params) => {
      const filters = parseLogFilters(params, FACET_PARAMETERS);
      const options = parseFacetOptions(params);
      return (snapshot) => readFacets(snapshot, filters, READ_EVERYTHING, options);
    }),
  ];
}
