import { METRICS, type MetricPart, type MetricSpec } from '#platform/telemetry/metric-names.ts'

const PARTS: Record<MetricPart, string> = {
  process: 'every process',
  orchestrator: 'orchestrators',
  edge: 'the edge',
  agent: 'processes that run agents',
  'api-caller': 'processes that run the API caller',
  capture: 'agents of video: capture',
  detection: 'detection',
  tracking: 'agents of video: tracking',
  alerting: 'agents of video: alerting',
  site: 'the keeper of a site',
  backup: 'the file of `murmur backup --metrics FILE`',
}

const HEAD = `# Metrics

<!-- Made from services/platform/telemetry/metric-table by \`npm run docs\`. -->

Each process answers \`GET /metrics\` on the address that \`MURMUR_HTTP_HOST\` and \`MURMUR_HTTP_PORT\` name: as text of Prometheus, or as
OpenMetrics, with exemplars, where \`Accept\` asks for \`application/openmetrics-text\`. Beside these there are those of Node and of the
process (\`process_*\`, \`nodejs_*\`).

- **A family is there only where it belongs**; counters whose label values are known are there from the start, with 0.
- **"For the whole system"**: one orchestrator, the owner of the first partition, tells it, so a sum over all orchestrators is right.
- **Labels are bounded**: 500 series a family, what comes beyond counts as \`_other\`. No ids of tasks are labels: they stand in
  traces, which exemplars lead to.
`

/** docs/metrics.md, from the tables. Pure. */
export function metricsPage(): string {
  const specs: [string, MetricSpec][] = Object.entries(METRICS)
  const sections = (Object.keys(PARTS) as MetricPart[]).map((part) => {
    const rows = specs.filter(([, spec]) => spec.in[0] === part).map(([name, spec]) => rowOf(name, spec))
    const head = ['| Metric | Type | Unit | Labels | Meaning |', '| --- | --- | --- | --- | --- |']
    return [`## Of ${PARTS[part]}`, '', ...head, ...rows].join('\n')
  })
  return `${[HEAD, ...sections].join('\n')}\n`.replace(/\n## /g, '\n\n## ').replace(/\n{3,}/g, '\n\n')
}

function rowOf(name: string, { type, unit, labels, help, bounds, in: parts }: MetricSpec): string {
  const also = parts.slice(1).map((part) => ` Also of ${PARTS[part]}.`)
  const cells = [
    `\`${name}\``,
    type,
    unit,
    labels.map((label) => `\`${label}\``).join(', ') || '–',
    help + also.join('') + (bounds === undefined ? '' : ` Usual: ${bounds}.`),
  ]
  return `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`
}
