/**
 * @module The web page as files that the server gives to browsers. Everything is part of this module's graph, so that the
 * page is there wherever the program is, in the compiled executable too. The page itself, under `app/`, is bundled by
 * `deno task ui:build` into `dist/`; a test says when that is to be done again.
 */

import { gzip } from "node:zlib";
import { promisify } from "node:util";
import script from "./dist/app.js" with { type: "text" };
import chart from "./dist/chart.js" with { type: "text" };
import icon from "./style/icon.svg" with { type: "text" };
import narrow from "./style/narrow.css" with { type: "text" };
import rows from "./style/rows.css" with { type: "text" };
import screen from "./style/screen.css" with { type: "text" };
import theme from "./style/theme.css" with { type: "text" };
import top from "./style/top.css" with { type: "text" };

/** A file of the page. */
export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, compressed; for whoever accepts `gzip`. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** What `Cache-Control` is to say: files named after their content never change, the page itself does. */
  readonly cacheControl: string;
  /** A strong `ETag`, with its quotes. */
  readonly etag: string;
}

/** The path of the page itself. */
export const PAGE_PATH = "/";

/**
 * The page's `Content-Security-Policy`: scripts and styles from this server only, nothing inline, no other host. Styles that
 * scripts set on elements are not inline styles.
 */
export const PAGE_CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const FOR_EVER = "public, max-age=31536000, immutable";
const ASK_FIRST = "no-cache";

let files: Promise<ReadonlyMap<string, PageFile>> | undefined;

/** Every file of the page by its path: {@linkcode PAGE_PATH} and some under `/ui/`. Made once, in some milliseconds. */
export function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  return files ??= makeFiles();
}

async function makeFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const style = [theme, top, screen, rows, narrow].join("\n");
  const [app, library, css, svg] = await Promise.all([
    named("app", "js", script, "text/javascript; charset=utf-8"),
    named("chart", "js", chart, "text/javascript; charset=utf-8"),
    named("app", "css", style, "text/css; charset=utf-8"),
    named("icon", "svg", icon, "image/svg+xml"),
  ]);
  const html = pageHtml(app.path, library.path, css.path, svg.path);
  const page = await pageFile(html, "text/html; charset=utf-8", ASK_FIRST);
  return new Map([
    [PAGE_PATH, page],
    ...[app, library, css, svg].map(({ path, file }) => [path, file] as const),
  ]);
}

function pageHtml(app: string, library: string, css: string, svg: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Log Sentinel</title>
<link rel="icon" href="${svg}">
<link rel="stylesheet" href="${css}">
<script type="module" src="${app}"></script>
<link rel="modulepreload" href="${library}">
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. The API does not: see <a href="/docs">its documentation</a>.</noscript>
</body>
</html>
`;
}

/** A file whose name has the beginning of its content's digest. */
async function named(name: string, extension: string, text: string, contentType: string) {
  const file = await pageFile(text, contentType, FOR_EVER);
  return { path: `/ui/${name}-${file.etag.slice(1, 17)}.${extension}`, file };
}

async function pageFile(
  text: string,
  contentType: string,
  cacheControl: string,
): Promise<PageFile> {
  const bytes = new TextEncoder().encode(text);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const compressed = await promisify(gzip)(bytes, { level: 9 });
  return {
    bytes,
    gzip: new Uint8Array(compressed),
    contentType,
    cacheControl,
    etag: `"${digest.toHex().slice(0, 32)}"`,
  };
}
