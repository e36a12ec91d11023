import { page } from "./page.ts";
import { escapeHtml } from "./respond.ts";

/** What a browser sees at the server's address. */
export function homePage(version: string): string {
  return page(
    "Log Sentinel",
    `<h1>Log Sentinel <small>${escapeHtml(version)}</small></h1>
<p>This server stores log records and answers queries over them.</p>
<pre>curl -H 'Authorization: Token &lt;token&gt;' '/logs?min_severity=ERROR&amp;q=timeout&amp;limit=20'
curl -H 'Authorization: Token &lt;token&gt;' '/stats'</pre>
<ul>
<li><a href="/docs">The API</a>, and <a href="/openapi.json">the same for programs</a></li>
<li><a href="/readyz">Whether it is ready</a></li>
</ul>`,
  );
}
