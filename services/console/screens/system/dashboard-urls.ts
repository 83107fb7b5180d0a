/** Where something is seen in Grafana or Jaeger. Pure; `undefined` where the edge is not told where they are. */

/** The first of the dashboards of docs/dashboards.md. */
export function overviewUrl(grafana: string | undefined): string | undefined {
  return below(grafana, 'd/murmuration-overview')
}

/** Tasks of one type, on the same dashboard, for the time in which one ran. Unix milliseconds. */
export function taskTypeUrl(
  grafana: string | undefined,
  { type, fromMs, toMs }: { type: string; fromMs: number; toMs: number },
): string | undefined {
  const span = `from=${Math.floor(fromMs)}&to=${Math.ceil(toMs)}`
  return below(grafana, `d/murmuration-overview?var-type=${encodeURIComponent(type)}&${span}`)
}

/** Agents and queues, of one type. */
export function agentUrl(grafana: string | undefined, type: string): string | undefined {
  return below(grafana, `d/murmuration-agents?var-agent=${encodeURIComponent(type)}`)
}

/** Video and alerts, of one camera. */
export function cameraUrl(grafana: string | undefined, camera: string): string | undefined {
  return below(grafana, `d/murmuration-video?var-camera=${encodeURIComponent(camera)}`)
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
