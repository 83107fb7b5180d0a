import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../deploy/local/project-paths.ts'

/** Of a panel, as far as tests look at it. */
export interface PanelJson {
  id: number
  type: string
  title: string
  description: string
  datasource: { type: string; uid: string }
  gridPos: { x: number; y: number; w: number; h: number }
  fieldConfig: { defaults: { unit?: string } }
  targets: TargetJson[]
  links?: { url: string }[]
}
export interface TargetJson {
  refId: string
  expr?: string
  legendFormat?: string
  instant?: boolean
  datasource: { type: string; uid: string }
  /** Of Jaeger. */
  queryType?: string
  service?: string
  tags?: string
  minDuration?: string
  limit?: number
}
export interface VariableJson {
  name: string
  type: string
  query: string | { query: string }
  current?: { value: string }
  allValue?: string
}
export interface DashboardJson {
  uid: string
  title: string
  schemaVersion: number
  panels: PanelJson[]
  links: { title: string; url: string }[]
  templating: { list: VariableJson[] }
  annotations: { list: { name: string; expr: string }[] }
}

/** A query of a panel of a dashboard, with where it stands, for messages. */
export interface PanelQuery {
  at: string
  panel: PanelJson
  expr: string
  legend: string
  datasource: string
  instant: boolean
}

const FOLDER = join(projectRoot, 'deploy/grafana/dashboards')

/** The dashboards that are committed, by the names of their files. */
export function readDashboards(): Record<string, DashboardJson> {
  return Object.fromEntries(
    readdirSync(FOLDER).map((file) => [
      file,
      JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as DashboardJson,
    ]),
  )
}

/** Panels that show something: rows do not. */
export function panelsOf(dashboard: DashboardJson): PanelJson[] {
  return dashboard.panels.filter(({ type }) => type !== 'row')
}

export function queriesOf(dashboard: DashboardJson): PanelQuery[] {
  return panelsOf(dashboard).flatMap((panel) =>
    panel.targets
      .filter((target) => target.expr !== undefined)
      .map((target) => ({
        at: `${dashboard.title} / ${panel.title} / ${target.refId}`,
        panel,
        expr: target.expr!,
        legend: target.legendFormat ?? '',
        datasource: target.datasource.type,
        instant: target.instant === true,
      })),
  )
}

/** A query as Grafana sends it: with values in place of variables. */
export function fillVariables(
  expr: string,
  dashboard: DashboardJson,
  intervals: { rateInterval: string; range: string },
): string {
  const values = new Map(
    dashboard.templating.list.map(({ name, current, allValue }) => [
      name,
      current?.value === '$__all' ? (allValue ?? '.*') : (current?.value ?? ''),
    ]),
  )
  values.set('__rate_interval', intervals.rateInterval)
  values.set('__range', intervals.range)
  return expr.replace(/\$\{?(__rate_interval|__range|[a-z]+)\}?/g, (text, name: string) => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`${text} is no variable of ${dashboard.title}: ${expr}`)
    return value
  })
}
