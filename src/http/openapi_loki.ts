/** @module The routes of Loki's query API, as OpenAPI describes them. */

import type { JsonObject, Operation, Parameter } from "./openapi_types.ts";

const TAGS = ["loki"];

/** What every parameter is: a text in the address, or in a form that is posted. */
function parameter(name: string, description: string, required = false): Parameter {
  return { name, in: "query", required, description, schema: { type: "string" } };
}

const NAME: Parameter = {
  name: "name",
  in: "path",
  required: true,
  description: "The label.",
  schema: { type: "string" },
};

const QUERY = parameter("query", "A LogQL query.", true);
const SELECTOR = parameter("query", "A LogQL stream selector.", true);
const ANY_SELECTOR = parameter("query", "A LogQL stream selector; absent: everything.");
const RANGE = [
  parameter("start", "Nanoseconds or seconds since 1970, or RFC 3339; an hour before the end."),
  parameter("end", "The same, excluded; absent: now."),
  parameter("since", "A duration before the end, for the start."),
];
const STEP = parameter("step", "A duration or seconds: from one point to the next.");
const LIMIT = parameter("limit", "How many there may be in the answer.");
const DIRECTION = parameter("direction", "forward or backward: which line is first.");
const DELAY = parameter("delay_for", "Seconds that lines are held back, at most 5.");

const REFUSALS: Readonly<Record<number, string>> = {
  400: "The query or a parameter cannot be used; a sentence of plain text says why",
  401: "No token, or an unknown one",
  403: "The token may not read",
  503: "Too many queries just now",
};

interface Description {
  readonly path: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly answer: string;
}

const RESULT = "Loki's JSON: resultType and result";

const READS: readonly Description[] = [
  {
    path: "query_range",
    summary: "Loki: lines, or numbers over time",
    parameters: [
      QUERY,
      ...RANGE,
      STEP,
      LIMIT,
      DIRECTION,
      parameter("interval", "A duration: after a line only one that is so far from it."),
    ],
    answer: RESULT,
  },
  {
    path: "query",
    summary: "Loki: numbers at one moment",
    parameters: [QUERY, parameter("time", "The moment; absent: now.")],
    answer: RESULT,
  },
  ...["labels", "label"].map((path) => ({
    path,
    summary: "Loki: names of labels",
    parameters: [ANY_SELECTOR, ...RANGE],
    answer: "The names",
  })),
  {
    path: "label/:name/values",
    summary: "Loki: values of a label",
    parameters: [NAME, ANY_SELECTOR, ...RANGE],
    answer: "The values",
  },
  {
    path: "series",
    summary: "Loki: sets of labels",
    parameters: [parameter("match[]", "A stream selector; may be given often."), ...RANGE],
    answer: "The sets",
  },
  {
    path: "index/stats",
    summary: "Loki: how much a selector selects",
    parameters: [SELECTOR, ...RANGE],
    answer: "Numbers of streams and entries, and about how many bytes",
  },
  ...["index/volume", "index/volume_range"].map((path) => ({
    path,
    summary: "Loki: bytes of lines by labels",
    parameters: [
      SELECTOR,
      ...RANGE,
      STEP,
      LIMIT,
      parameter("targetLabels", "Labels, with commas between; absent: those of the selector."),
      parameter("aggregateBy", "series or labels."),
    ],
    answer: RESULT,
  })),
  {
    path: "detected_labels",
    summary: "Loki: labels and how many values they have",
    parameters: [ANY_SELECTOR, ...RANGE],
    answer: "The labels of a sample",
  },
  {
    path: "detected_fields",
    summary: "Loki: fields of lines",
    parameters: [QUERY, ...RANGE, LIMIT, parameter("line_limit", "Lines that are looked at.")],
    answer: "The fields of the newest lines",
  },
  {
    path: "detected_field/:name/values",
    summary: "Loki: values of a field",
    parameters: [
      { ...NAME, description: "The field." },
      QUERY,
      ...RANGE,
      LIMIT,
      parameter("line_limit", "Lines that are looked at."),
    ],
    answer: "The values in the newest lines",
  },
  {
    path: "patterns",
    summary: "Loki: patterns of lines, which are not looked for here",
    parameters: [SELECTOR, ...RANGE],
    answer: "None",
  },
];

const JSON_ANSWER = { "application/json": { schema: { type: "object" } } };

function operation({ summary, parameters, answer }: Description): Operation {
  const responses: Record<string, JsonObject> = {
    200: { description: answer, content: JSON_ANSWER },
  };
  for (const [status, description] of Object.entries(REFUSALS)) responses[status] = { description };
  return { summary, tags: TAGS, parameters, responses };
}

/** The same with its parameters in a form. */
function posted(description: Description): Operation {
  const inPath = description.parameters.filter((one) => one.in === "path");
  return {
    ...operation({ ...description, parameters: inPath }),
    requestBody: {
      description: "The parameters of the GET as a form.",
      required: true,
      content: { "application/x-www-form-urlencoded": { schema: { type: "object" } } },
    },
  };
}

/** The operations, by `METHOD /path`. */
export const lokiOperations: Readonly<Record<string, Operation>> = {
  ...Object.fromEntries(READS.flatMap((description) => [
    [`GET /loki/api/v1/${description.path}`, operation(description)],
    [`POST /loki/api/v1/${description.path}`, posted(description)],
  ])),
  "GET /loki/api/v1/status/buildinfo": operation({
    path: "",
    summary: "Loki: the version of its API",
    parameters: [],
    answer: "The version",
  }),
  "GET /loki/api/v1/drilldown-limits": operation({
    path: "",
    summary: "Loki: what Grafana's Logs Drilldown may ask for",
    parameters: [],
    answer: "The limits",
  }),
  "GET /loki/api/v1/tail": {
    summary: "Loki: lines as they come, over a websocket",
    tags: TAGS,
    parameters: [QUERY, parameter("start", "Where it begins; absent: an hour ago."), LIMIT, DELAY],
    responses: {
      101: { description: "A websocket of JSON messages" },
      ...Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => [status, { description }]),
      ),
      426: { description: "The request asks for no websocket" },
    },
  },
};
