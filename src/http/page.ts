import { escapeHtml } from "./respond.ts";

const STYLE = `:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 14px/1.5 ui-monospace, monospace }
pre { overflow-x: auto; padding: .75rem; background: #8881; border-radius: .4rem }
h2 { margin: 2rem 0 .25rem; font-size: 1.1rem }
table { border-collapse: collapse; margin: .5rem 0 }
td { padding: .15rem .75rem .15rem 0; vertical-align: top }
small, em { opacity: .75; font-weight: normal }`;

/** A whole HTML page that loads nothing. @param body trusted HTML */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
