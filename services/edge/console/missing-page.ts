import { escapeHtml } from './escape-html.ts'

/** What is shown where there is no built console: why, and what to do about it. No script, no style of others. Pure. */
export function missingPage({
  folder,
  requestId,
}: {
  folder: string | undefined
  requestId: string
}): string {
  const cause =
    folder === undefined
      ? 'This edge was not told where the built console is (MURMUR_EDGE_CONSOLE_DIR).'
      : `There is no built console in ${folder}, or it is being built right now.`
  const remedy =
    'With a checkout: “npx murmur dev” or “npm start” builds it. In an image it is there already. ' +
    'Elsewhere build it with “node services/console/build/main.ts FOLDER” and set MURMUR_EDGE_CONSOLE_DIR to that folder.'
  const rows = [
    ['Code', 'CONSOLE_NOT_BUILT'],
    ['Cause', cause],
    ['Remedy', remedy],
    ['Request', requestId],
  ].map(([name, text]) => `<dt>${name}</dt><dd>${escapeHtml(text!)}</dd>`)
  const refresh = folder === undefined ? '' : '<meta http-equiv="refresh" content="2">'
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Murmuration: no console yet</title>${refresh}</head>
<body><main><h1>The console is not there yet</h1><dl>${rows.join('')}</dl>
<p>The API itself works: <a href="/docs">its pages</a>, <a href="/v1/openapi.json">its document</a>.</p></main></body></html>
`
}
