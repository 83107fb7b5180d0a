import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import * as common from '@grafana/grafana-foundation-sdk/common'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as table from '@grafana/grafana-foundation-sdk/table'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import { WHOLE_RANGE } from './promql.ts'

/** What a dashboard is made of. */
export type Panel = Builder<dashboard.Panel>

/** The data sources that a reader can choose on top of each dashboard. */
export const PROMETHEUS = { type: 'prometheus', uid: '${datasource}' } as const

/** A query of a panel, and what its series are called. */
export interface Query {
  expr: string
  /** As Grafana fills it in: `{{label}}` is the value of a label. */
  legend: string
}

export interface PanelSpec {
  title: string
  /** In plain words: what is seen, and what to think of it. */
  description: string
  /** One of Grafana's ids, such as `s`: its own SDK has names for them. */
  unit: string
  queries: readonly Query[]
  /** Of 24. */
  width: number
  height?: number
  /** Where it becomes yellow and red: a service level, or a bound of our own. */
  limits?: Limits
  /** Where more is to be seen. */
  links?: readonly { title: string; url: string }[]
}

/** Above, or with `below` under these values it is bad. */
export interface Limits {
  warning?: number
  critical?: number
  below?: boolean
}

export interface GraphSpec extends PanelSpec {
  /** Series on top of each other: of shares of a whole. */
  stacked?: boolean
  /** Largest value of the axis, where there is one. */
  max?: number
  /** Points that lead to traces: of histograms. */
  exemplars?: boolean
  logarithmic?: boolean
}

const HEIGHT = 8
const STAT_HEIGHT = 4
const GREEN = 'green'
const YELLOW = 'yellow'
const RED = 'red'

/** Values over time, with a legend that says their last and highest. */
export function graph(spec: GraphSpec): Panel {
  const panel = new timeseries.PanelBuilder()
    .drawStyle(common.GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(spec.stacked ? 40 : 8)
    .showPoints(common.VisibilityMode.Never)
    .min(0)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    )
  if (spec.stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal))
  if (spec.max !== undefined) panel.max(spec.max)
  if (spec.logarithmic) {
    const scale = new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Log).log(10)
    panel.scaleDistribution(scale)
  }
  if (spec.limits) {
    panel.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    )
  }
  return described(panel, spec, { height: HEIGHT, instant: false, exemplars: spec.exemplars ?? false })
}

/** One figure, or one for each series, with how it went. */
export function figure(spec: PanelSpec): Panel {
  const panel = new stat.PanelBuilder()
    .graphMode(common.BigValueGraphMode.Area)
    .colorMode(spec.limits ? common.BigValueColorMode.Value : common.BigValueColorMode.None)
    .textMode(spec.queries.length > 1 ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Auto)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    // A share of nothing is none: no traffic.
    .noValue('–')
  // Of the whole time that is shown there is one value: nothing to draw over time.
  const isWhole = spec.queries.some(({ expr }) => expr.includes(WHOLE_RANGE))
  return described(panel, spec, { height: STAT_HEIGHT, instant: isWhole, exemplars: false })
}

/** A column of a table: the values of one query. */
export interface Column {
  title: string
  unit: string
  expr: string
  limits?: Limits
}

export interface TableSpec extends Omit<PanelSpec, 'queries' | 'limits' | 'unit'> {
  /** Labels that make a row: every query has these and no others. */
  rows: readonly { label: string; title: string }[]
  columns: readonly Column[]
  /** Title of the column that is sorted by, highest first. */
  sortBy: string
  /** From the value of a row's first label to more about it. */
  rowLinks?: readonly { title: string; url: string; targetBlank?: boolean }[]
}

/** What is true now: a row for each combination of labels, a column for each query. */
export function tableOf(spec: TableSpec): Panel {
  const [first] = spec.rows
  const panel = new table.PanelBuilder()
    .transformations([
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries([
            ...spec.rows.map(({ label }, index) => [label, index]),
            ...spec.columns.map((_, index) => [`Value #${refId(index)}`, spec.rows.length + index]),
          ]),
          renameByName: Object.fromEntries([
            ...spec.rows.map(({ label, title }) => [label, title]),
            ...spec.columns.map(({ title }, index) => [`Value #${refId(index)}`, title]),
          ]),
        },
      },
    ])
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(spec.sortBy).desc(true)])
  for (const column of spec.columns) {
    panel.overrideByName(column.title, [
      { id: 'unit', value: column.unit },
      ...(column.limits
        ? [
            { id: 'thresholds', value: thresholds(column.limits).build() },
            { id: 'custom.cellOptions', value: { type: common.TableCellDisplayMode.ColorText } },
          ]
        : []),
    ])
  }
  if (spec.rowLinks && first) {
    const links = spec.rowLinks.map((link) => ({ targetBlank: false, ...link }))
    panel.overrideByName(first.title, [{ id: 'links', value: links }])
  }
  const queries = spec.columns.map(({ expr, title }) => ({ expr, legend: title }))
  return described(
    panel,
    { ...spec, unit: 'short', queries },
    { height: HEIGHT, instant: true, exemplars: false, table: true },
  )
}

/** How often which duration, over time; points that stand alone lead to traces. */
export function heatmapOf(spec: PanelSpec): Panel {
  const panel = new heatmap.PanelBuilder()
    .calculate(false)
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scheme('Spectral')
        .scale(heatmap.HeatmapColorScale.Exponential)
        .exponent(0.5)
        .steps(64)
        .fill('dark-orange'),
    )
    .yAxis(
      new heatmap.YAxisConfigBuilder()
        .unit(spec.unit)
        .axisPlacement(common.AxisPlacement.Left)
        .reverse(false),
    )
    .tooltip(
      new heatmap.HeatmapTooltipBuilder()
        .mode(common.TooltipDisplayMode.Single)
        .yHistogram(true)
        .showColorScale(false),
    )
    .showLegend()
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9))
    .exemplarsColor('rgba(255,0,255,0.7)')
    .cellGap(1)
  return described(panel, spec, { height: HEIGHT, instant: false, exemplars: true, heatmap: true })
}

/** What all builders of panels have. */
interface PanelBuilder extends Panel {
  title(title: string): this
  description(description: string): this
  datasource(datasource: { type: string; uid: string }): this
  unit(unit: string): this
  span(width: number): this
  height(height: number): this
  thresholds(thresholds: dashboard.ThresholdsConfigBuilder): this
  colorScheme(color: dashboard.FieldColorBuilder): this
  links(links: dashboard.DashboardLinkBuilder[]): this
  withTarget(target: prometheus.DataqueryBuilder): this
}

interface QueryForm {
  height: number
  instant: boolean
  exemplars: boolean
  heatmap?: boolean
  table?: boolean
}

function described(panel: PanelBuilder, spec: PanelSpec, form: QueryForm): Panel {
  panel
    .title(spec.title)
    .description(spec.description)
    .datasource(PROMETHEUS)
    .unit(spec.unit)
    .span(spec.width)
    .height(spec.height ?? form.height)
    .thresholds(thresholds(spec.limits ?? {}))
    .links(
      (spec.links ?? []).map(({ title, url }) =>
        new dashboard.DashboardLinkBuilder(title).type(dashboard.DashboardLinkType.Link).url(url),
      ),
    )
  if (panel instanceof timeseries.PanelBuilder) {
    panel.colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic))
  } else if (panel instanceof stat.PanelBuilder) {
    panel.colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
  }
  for (const [index, query] of spec.queries.entries()) panel.withTarget(target(query, index, form))
  return panel
}

function target({ expr, legend }: Query, index: number, form: QueryForm): prometheus.DataqueryBuilder {
  const query = new prometheus.DataqueryBuilder()
    .refId(refId(index))
    .datasource(PROMETHEUS)
    .expr(expr)
    .legendFormat(legend)
    .exemplar(form.exemplars)
    .editorMode(prometheus.QueryEditorMode.Code)
  if (form.heatmap) query.format(prometheus.PromQueryFormat.Heatmap)
  if (!form.instant) return query.range()
  // Figures take series as they are; a table joins them.
  return form.table ? query.instant().format(prometheus.PromQueryFormat.Table) : query.instant()
}

function thresholds({ warning, critical, below = false }: Limits): dashboard.ThresholdsConfigBuilder {
  const steps: dashboard.Threshold[] = below
    ? [
        { value: null, color: critical === undefined ? YELLOW : RED },
        ...(critical !== undefined && warning !== undefined ? [{ value: critical, color: YELLOW }] : []),
        { value: warning ?? critical ?? 0, color: GREEN },
      ]
    : [
        { value: null, color: GREEN },
        ...(warning === undefined ? [] : [{ value: warning, color: YELLOW }]),
        ...(critical === undefined ? [] : [{ value: critical, color: RED }]),
      ]
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps)
}

function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}
