/** Where something is seen in Grafana or Jaeger. Pure; `undefined` where the edge is not told where they are. */

/** The first of the dashboards of docs/dashboards.md. */
export function overviewUrl(grafana: string | undefined): string | undefined {
  return below(grafana, 'd/murmuration-overview')
}

/** Traces of the orchestrator, newest first. */
export function tracesUrl(jaeger: string | undefined): string | undefined {
  return below(jaeger, 'search?service=orchestrator')
}

/** One trace; `undefined` also for what is no id of one. */
export function traceUrl(jaeger: string | undefined, trace: string): string | undefined {
  return /^[0-9a-f]{16,32}$/.test(trace) ? below(jaeger, `trace/${trace}`) : undefined
}

function below(base: string | undefined, path: string): string | undefined {
  return base === undefined ? undefined : new URL(path, base.endsWith('/') ? base : `${base}/`).href
}
