import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import { type Panel, PROMETHEUS } from './panels.ts'
import { is, selector } from './promql.ts'
import { datasourceVariable, labelVariable } from './variables.ts'

/** Uids are part of addresses that people keep, and of links from outside: they never change. */
export const BOARDS = {
  overview: { uid: 'murmuration-overview', title: 'Murmuration: Overview' },
  infrastructure: {
    uid: 'murmuration-infrastructure',
    title: 'Murmuration: Orchestrator, NATS and Redis',
  },
  agents: { uid: 'murmuration-agents', title: 'Murmuration: Agents and queues' },
  video: { uid: 'murmuration-video', title: 'Murmuration: Video and alerts' },
  traces: { uid: 'murmuration-traces', title: 'Murmuration: Traces' },
} as const
export type BoardName = keyof typeof BOARDS

export interface Row {
  title: string
  panels: readonly Panel[]
}

export interface BoardSpec {
  name: BoardName
  /** The question that it answers. */
  description: string
  variables: readonly Builder<dashboard.VariableModel>[]
  rows: readonly Row[]
}

const TAG = 'murmuration'
const ALERTS_COLOR = 'red'

/** The address of another dashboard, with the time and the namespace that are shown here. */
export function linkTo(name: BoardName, variables: Readonly<Record<string, string>> = {}): string {
  const pairs = { namespace: '${namespace:queryparam}', ...variables }
  const { namespace, ...others } = pairs
  const rest = Object.entries(others).map(([key, value]) => `var-${key}=${value}`)
  return `/d/${BOARDS[name].uid}?${[namespace, '${__url_time_range}', ...rest].join('&')}`
}

/** The screen of the web console that shows what a dashboard shows. */
const SCREENS: Readonly<Record<BoardName, string>> = {
  overview: 'tasks',
  infrastructure: 'system',
  agents: 'agents',
  video: 'cameras',
  traces: 'tasks',
}

/** The address of a screen of the web console. @param path with its query, as `agents?type=NAME` */
export function consoleLink(path: string): string {
  return `\${edge}/${path}`
}

/** A dashboard as Grafana stores it. */
export function buildBoard(spec: BoardSpec): dashboard.Dashboard {
  const { uid, title } = BOARDS[spec.name]
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(spec.description)
    .tags([TAG])
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables([
      datasourceVariable('datasource', {
        type: 'prometheus',
        title: 'Prometheus',
        description: 'Where metrics are read from.',
      }),
      labelVariable({
        name: 'namespace',
        title: 'Namespace',
        description: 'Of Kubernetes, where several deployments share a Prometheus. Elsewhere: All.',
        label: 'namespace',
        series: 'murmur_build_info',
      }),
      ...spec.variables,
      edgeVariable(),
    ])
    .annotation(firingAlerts())
    .links([...otherBoards(spec.name), screenLink(spec.name), edgeLink()])
  for (const row of spec.rows) {
    builder.withRow(new dashboard.RowBuilder(row.title))
    for (const panel of row.panels) builder.withPanel(panel)
  }
  const built = builder.build()
  // Ids are part of the address of a panel (`?viewPanel=`).
  for (const [index, panel] of (built.panels ?? []).entries()) panel.id = index + 1
  return built
}

function edgeVariable(): Builder<dashboard.VariableModel> {
  return new dashboard.TextBoxVariableBuilder('edge')
    .label('Edge')
    .description('Address of the edge, for links to it.')
    .defaultValue('http://127.0.0.1:8080')
}

function firingAlerts(): dashboard.AnnotationQueryBuilder {
  const firing = selector('ALERTS', { alertstate: is('firing') })
  return new dashboard.AnnotationQueryBuilder()
    .name('Alerts that fire')
    .datasource(PROMETHEUS)
    .enable(true)
    .iconColor(ALERTS_COLOR)
    .expr(firing)
    .step('30s')
    .titleFormat('{{alertname}}')
    .textFormat('{{severity}} {{agent}} {{camera}} {{stream}} {{instance}}')
    .target(new prometheus.DataqueryBuilder().refId('Alerts').expr(firing).range())
}

function otherBoards(name: BoardName): dashboard.DashboardLinkBuilder[] {
  return (Object.keys(BOARDS) as BoardName[])
    .filter((other) => other !== name)
    .map((other) =>
      new dashboard.DashboardLinkBuilder(BOARDS[other].title.replace('Murmuration: ', ''))
        .type(dashboard.DashboardLinkType.Link)
        .icon('dashboard')
        .tooltip(`The dashboard "${BOARDS[other].title}", for the same time`)
        .url(`/d/${BOARDS[other].uid}`)
        .keepTime(true)
        .includeVars(true),
    )
}

function screenLink(name: BoardName): dashboard.DashboardLinkBuilder {
  return new dashboard.DashboardLinkBuilder('Console')
    .type(dashboard.DashboardLinkType.Link)
    .icon('external link')
    .tooltip(`The screen of the web console: ${SCREENS[name]}`)
    .url(consoleLink(SCREENS[name]))
    .targetBlank(true)
}

function edgeLink(): dashboard.DashboardLinkBuilder {
  return new dashboard.DashboardLinkBuilder('Edge')
    .type(dashboard.DashboardLinkType.Link)
    .icon('external link')
    .tooltip('The edge of this deployment: its page, with all operations')
    .url('${edge}/docs')
    .targetBlank(true)
}
