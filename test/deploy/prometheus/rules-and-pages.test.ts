import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { METRICS, type MetricSpec } from '#platform/telemetry/metric-names.ts'
import { committedRules, missing, type Rule, runProgram } from '../../support/prometheus.ts'
import { labelsIn, unknownIn } from './metrics-of-expression.ts'
import { blocks, RUNBOOKS, runbooks } from './runbook-pages.ts'

const ROOT = join(import.meta.dirname, '../../..')
const RULES: Rule[] = [...committedRules().values()].flatMap(({ groups }) =>
  groups.flatMap(({ rules }) => rules),
)
const ALERTS = RULES.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]))
const RECORDED = new Set(RULES.flatMap(({ record }) => record ?? []))
const pages = runbooks()

t.test('configurations and rules are valid', { skip: missing('promtool') }, async (t) => {
  const { code, output } = await runProgram('promtool', [
    'check',
    'config',
    join(ROOT, 'deploy/prometheus/prometheus.yaml'),
  ])
  t.equal(code, 0, output)
  // Not every build of Prometheus knows Kubernetes: its discovery is left out, all else is the same.
  const folder = mkdtempSync(join(tmpdir(), 'murmur-config-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(ROOT, 'deploy/prometheus/prometheus-kubernetes.yaml')
  const kubernetes = parse(readFileSync(file, 'utf8'))
  for (const job of kubernetes.scrape_configs) delete job.kubernetes_sd_configs
  const copy = join(folder, 'prometheus.yaml')
  writeFileSync(
    copy,
    stringify({ ...kubernetes, rule_files: [join(ROOT, 'deploy/prometheus/rules/*.yaml')] }),
  )
  const other = await runProgram('promtool', ['check', 'config', copy])
  t.equal(other.code, 0, other.output)
})

t.test('each alert has a page of its own, and each page an alert', async (t) => {
  t.same([...pages.keys()].sort(), ALERTS.map(({ alert }) => alert).sort())
  const index = readFileSync(join(RUNBOOKS, 'README.md'), 'utf8')
  for (const { alert, labels } of ALERTS) {
    t.match(index, `| [${alert}](${alert}.md)`, alert)
    const [, severity] = new RegExp(`\\[${alert}\\]\\(${alert}\\.md\\) +\\| (\\w+)`).exec(index) ?? []
    t.equal(severity, labels?.severity, `${alert}: its severity in the index`)
  }
})

t.test('each alert says what, how much and where to read on', async (t) => {
  for (const { alert, labels, annotations = {}, expr } of ALERTS) {
    t.match(labels?.severity, /^(critical|warning|none)$/, alert)
    t.equal(annotations.runbook_url, `{{ $externalLabels.runbooks }}/${alert}.md`, alert)
    t.ok(annotations.summary, alert)
    t.match(annotations.description, /\{\{ \$value/, `${alert}: the value`)
    const used = `${annotations.summary} ${annotations.description}`.matchAll(/\$labels\.(\w+)/g)
    const known = labelsIn(expr, RECORDED)
    for (const [, label] of used) t.ok(known.has(label!), `${alert}: ${label}`)
  }
})

t.test('rules and pages go by metrics and labels that there are', async (t) => {
  t.same(unknownIn('sum(murmur_no_such_metric)', RECORDED), ['murmur_no_such_metric'])
  t.same(unknownIn('murmur_partitions{agent="x"}', RECORDED), ['murmur_partitions{agent}'])
  t.same(unknownIn('sum by (colour) (murmur_partitions)', RECORDED), ['by (colour)'])
  for (const { alert, record, expr } of RULES) t.same(unknownIn(expr, RECORDED), [], alert ?? record!)
  for (const [name, page] of pages)
    for (const query of blocks(page, 'promql')) t.same(unknownIn(query, RECORDED), [], `${name}: ${query}`)
})

t.test('a bound at each service level is a bound of its histogram', async (t) => {
  const bounds = RULES.flatMap(({ expr }) => [...expr.matchAll(/(\w+)_bucket\{[^}]*le="([\d.]+)"/g)])
  t.ok(bounds.length >= 3)
  for (const [, name, bound] of bounds) {
    const { buckets = [] }: MetricSpec = METRICS[name as keyof typeof METRICS]
    t.ok(buckets.includes(Number(bound)), `${name} has ${bound}`)
  }
})

t.test('queries of the pages are PromQL', { skip: missing('promtool') }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-queries-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const queries = [...pages].flatMap(([name, page]) =>
    blocks(page, 'promql').map((expr) => [name, expr] as const),
  )
  const rules = queries.map(([, expr], i) => ({ record: `page:query:q${i}`, expr }))
  const file = join(folder, 'queries.yaml')
  writeFileSync(file, stringify({ groups: [{ name: 'pages', rules }] }))
  const { code, output } = await runProgram('promtool', ['check', 'rules', file])
  t.equal(code, 0, output)
})

t.test('files that pages name are there', async (t) => {
  for (const [name, page] of pages)
    for (const [path] of page.matchAll(/\b(?:deploy|services|test)\/[\w./-]+\.(?:ts|yaml|json)/g))
      t.ok(existsSync(join(ROOT, path)), `${name}: ${path}`)
})
