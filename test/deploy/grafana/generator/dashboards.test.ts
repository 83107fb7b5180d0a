import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BOARDS } from '../../../../deploy/grafana/generator/board.ts'
import { dashboardFiles } from '../../../../deploy/grafana/generator/dashboards.ts'
import { RECORDED } from '../../../../deploy/grafana/generator/recorded.ts'
import { SERIES, TARGET_LABELS } from '../../../../deploy/grafana/generator/series.ts'
import { projectRoot } from '../../../../deploy/local/project-paths.ts'
import {
  fillVariables,
  type PanelJson,
  queriesOf,
  readDashboards,
  type VariableJson,
} from '../../../support/grafana.ts'
import { type ParsedQuery, parsePromql, type ReadSeries } from '../../../support/promql.ts'

const INTERVALS = { rateInterval: '1m', range: '1h' }
const HISTOGRAM_SUFFIX = /_(bucket|sum|count)$/
const OVER_TIME = /^(rate|increase)$/
const dashboards = readDashboards()
const promql = Object.values(dashboards).flatMap((dashboard) =>
  queriesOf(dashboard)
    .filter(({ datasource }) => datasource === 'prometheus')
    .map((query) => ({ ...query, filled: fillVariables(query.expr, dashboard, INTERVALS) })),
)

t.test('what is committed is what the generator makes', async (t) => {
  const made = dashboardFiles()
  t.strictSame(Object.keys(dashboards).toSorted(), Object.keys(made).toSorted())
  for (const [file, json] of Object.entries(made)) {
    const text = readFileSync(join(projectRoot, 'deploy/grafana/dashboards', file), 'utf8')
    t.ok(text === json, `${file} is as made: npm run docs`)
  }
})

t.test('uids never change: they are addresses that people keep', async (t) => {
  t.strictSame(
    Object.values(dashboards)
      .map(({ uid }) => uid)
      .toSorted(),
    [
      'murmuration-agents',
      'murmuration-infrastructure',
      'murmuration-overview',
      'murmuration-traces',
      'murmuration-video',
    ],
  )
})

t.test('every panel says what it shows, in which unit, and where from', async (t) => {
  const faults: string[] = []
  const check = (holds: boolean, what: string) => holds || faults.push(what)
  for (const { title, panels: all } of Object.values(dashboards)) {
    const panels = all.filter(({ type }) => type !== 'row')
    for (const panel of panels) {
      const at = `${title} / ${panel.title}`
      check(/^[A-Z].{3,}/.test(panel.title), `${at}: title`)
      check(/^\S.{10,}[.]$/s.test(panel.description), `${at}: description, in sentences`)
      check(!!panel.fieldConfig.defaults.unit, `${at}: unit`)
      check(panel.datasource.uid.startsWith('$'), `${at}: data source that can be chosen`)
      check(panel.targets.length > 0, `${at}: queries`)
      for (const { refId, datasource } of panel.targets)
        check(datasource.uid === panel.datasource.uid, `${at}: data source of ${refId}`)
    }
    check(new Set(panels.map((panel) => panel.title)).size === panels.length, `${title}: titles differ`)
    check(new Set(all.map(({ id }) => id)).size === all.length, `${title}: ids differ`)
  }
  t.strictSame(faults, [])
})

t.test('panels lie within the grid, none over another', async (t) => {
  const faults: string[] = []
  for (const { title, panels } of Object.values(dashboards)) {
    for (const [index, panel] of panels.entries()) {
      const { x, w } = panel.gridPos
      if (x < 0 || w <= 0 || x + w > 24) faults.push(`${title} / ${panel.title}: beyond 24 columns`)
      const over = panels.slice(index + 1).filter((other) => overlap(panel, other))
      for (const other of over) faults.push(`${title}: ${panel.title} lies over ${other.title}`)
    }
  }
  t.strictSame(faults, [])
})

t.test('every query is PromQL, of series and labels that there are', async (t) => {
  t.ok(promql.length > 150, `${promql.length} queries`)
  t.strictSame(promql.flatMap(faultsOf), [])
})

t.test('a query of what there is not is found', async (t) => {
  const query = (filled: string, legend = '') => faultsOf({ at: 'x', filled, legend })
  t.match(query('sum(rate(murmur_no_such_total[1m]))'), ['x: there is no murmur_no_such_total'])
  t.match(query('sum by (agent) (rate(tasks_failed_total{namespace=~".*"}[1m]))'), ['x: agent is no label'])
  t.match(query('sum(tasks_failed_total{namespace=~".*"})'), [/only grows/])
  t.match(query('sum(rate(murmur_tasks_active{namespace=~".*"}[1m]))'), [/is a gauge/])
  t.match(query('sum(murmur_tasks_active)'), [/without namespace/])
  t.match(query('sum(murmur_tasks_active{namespace=~".*"})', '{{agent}}'), [/legend/])
  t.match(query('sum('), [/no PromQL/])
})

t.test(
  'each dashboard leads to its screen of the console, and its tables and queues to what they name',
  async (t) => {
    const screens = Object.fromEntries(
      Object.values(dashboards).map(({ uid, links }) => [
        uid.replace('murmuration-', ''),
        links.find(({ title }) => title === 'Console')?.url,
      ]),
    )
    t.strictSame(screens, {
      ...{ overview: '${edge}/tasks', infrastructure: '${edge}/system', agents: '${edge}/agents' },
      ...{ video: '${edge}/cameras', traces: '${edge}/tasks' },
    })
    const text = JSON.stringify(dashboards)
    for (const path of ['agents?type=${__value.raw}', 'cameras?camera=${__value.raw}', 'queues'])
      t.ok(text.includes(`"\${edge}/${path}"`), path)
  },
)

t.test('links and variables lead to what there is', async (t) => {
  const uids = Object.values(BOARDS).map(({ uid }): string => uid)
  const faults: string[] = []
  for (const { uid, title, links, templating, ...rest } of Object.values(dashboards)) {
    const text = JSON.stringify({ ...rest, links })
    for (const [, linked] of text.matchAll(/"\/d\/([\w-]+)/g))
      if (!uids.includes(linked!)) faults.push(`${title}: link to ${linked}`)
    for (const other of uids)
      if (other !== uid && !links.some(({ url }) => url === `/d/${other}`))
        faults.push(`${title}: no link to ${other}`)
    for (const { name } of templating.list)
      if (!new RegExp(`\\$\\{?${name}\\b`).test(text)) faults.push(`${title}: variable ${name} is not used`)
    faults.push(...templating.list.flatMap((variable) => variableFaults(title, variable)))
  }
  t.strictSame(faults, [])
})

t.test('every dashboard shows which alerts fired when', async (t) => {
  for (const dashboard of Object.values(dashboards)) {
    const [alerts] = dashboard.annotations.list
    t.match(alerts?.expr, /alertstate="firing"/)
    t.strictSame(
      faultsOf({ at: 'x', filled: fillVariables(alerts!.expr, dashboard, INTERVALS), legend: '' }),
      [],
    )
  }
})

function variableFaults(title: string, { name, type, query }: VariableJson): string[] {
  if (type !== 'query') return []
  const text = typeof query === 'string' ? query : query.query
  const [, series, label] = /^label_values\((\w+), (\w+)\)$/.exec(text) ?? []
  return labelsOf(series ?? '')?.includes(label ?? '') ? [] : [`${title}: variable ${name}: ${text}`]
}

function faultsOf({ at, filled, legend }: { at: string; filled: string; legend: string }): string[] {
  let parsed: ParsedQuery
  try {
    parsed = parsePromql(filled)
  } catch (error) {
    return [`${at}: ${(error as Error).message}`]
  }
  const { series, grouped, made } = parsed
  const missing = series.filter(({ name }) => !labelsOf(name))
  if (missing.length > 0) return missing.map(({ name }) => `${at}: there is no ${name}`)
  const known = new Set([...made, ...series.flatMap(({ name }) => labelsOf(name)!)])
  const labels = [...grouped, ...series.flatMap(({ matched }) => matched)]
  const legends = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!)
  return [
    ...(series.length === 0 ? [`${at}: reads nothing`] : []),
    ...labels.filter((label) => !known.has(label)).map((label) => `${at}: ${label} is no label of these`),
    ...legends
      .filter((label) => ![...grouped, ...made].includes(label))
      .map((label) => `${at}: ${label} of the legend is not there`),
    ...series.flatMap((one) => seriesFaults(one).map((fault) => `${at}: ${fault}`)),
  ]
}

/** Labels of a series with a name as it stands in a query; undefined when there is none. */
function labelsOf(name: string): readonly string[] | undefined {
  if (Object.hasOwn(RECORDED, name)) return RECORDED[name as keyof typeof RECORDED]
  const spec = specOf(name)
  return spec && [...spec.labels, ...TARGET_LABELS, ...(name.endsWith('_bucket') ? ['le'] : [])]
}

function specOf(name: string): (typeof SERIES)[keyof typeof SERIES] | undefined {
  if (Object.hasOwn(SERIES, name)) return SERIES[name as keyof typeof SERIES]
  const base = name.replace(HISTOGRAM_SUFFIX, '')
  const spec = Object.hasOwn(SERIES, base) ? SERIES[base as keyof typeof SERIES] : undefined
  return spec?.type === 'histogram' ? spec : undefined
}

/** Counters mean something by how they grow, gauges by what they are. */
function seriesFaults({ name, within, matched }: ReadSeries): string[] {
  if (Object.hasOwn(RECORDED, name)) return []
  const isOverTime = within.some((one) => OVER_TIME.test(one))
  const isGauge = specOf(name)?.type === 'gauge'
  return [
    ...(matched.includes('namespace') ? [] : [`${name} without namespace`]),
    ...(isGauge && isOverTime ? [`${name} is a gauge: no rate`] : []),
    ...(!isGauge && !isOverTime ? [`${name} only grows: rate or increase`] : []),
  ]
}

function overlap({ gridPos: a }: PanelJson, { gridPos: b }: PanelJson): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}
