import type { Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import * as common from '@grafana/grafana-foundation-sdk/common'
import * as logs from '@grafana/grafana-foundation-sdk/logs'
import * as loki from '@grafana/grafana-foundation-sdk/loki'
import * as nodegraph from '@grafana/grafana-foundation-sdk/nodegraph'
import * as table from '@grafana/grafana-foundation-sdk/table'
import { Milliseconds, NoUnit } from '@grafana/grafana-foundation-sdk/units'
import type { Panel } from './panels.ts'

export const JAEGER = { type: 'jaeger', uid: '${jaeger}' } as const
export const LOKI = { type: 'loki', uid: '${loki}' } as const

const HEIGHT = 9

/** What Grafana's data source for Jaeger is asked. The SDK has no type for it. */
class JaegerQuery implements Dataquery {
  readonly refId = 'A'
  readonly datasource = JAEGER
  readonly queryType: 'search' | 'dependencyGraph'
  readonly service?: string
  /** `key=value` pairs. */
  readonly tags?: string
  readonly minDuration?: string
  readonly limit?: number

  constructor(query: Pick<JaegerQuery, 'queryType' | 'service' | 'tags' | 'minDuration' | 'limit'>) {
    this.queryType = query.queryType
    Object.assign(this, query)
  }

  _implementsDataqueryVariant(): void {}
  build(): Dataquery {
    return this
  }
}

export interface TraceListSpec {
  title: string
  description: string
  width: number
  /** Names or values of attributes, as in `error=true`. */
  tags?: string
  minDuration?: string
  sortBy: 'Start time' | 'Duration'
}

/** Traces that Jaeger has kept, of the service that is chosen; each leads to itself. */
export function traceList(spec: TraceListSpec): Panel {
  const { tags, minDuration } = spec
  const query = new JaegerQuery({
    queryType: 'search',
    service: '$service',
    limit: 50,
    ...(tags && { tags }),
    ...(minDuration && { minDuration }),
  })
  return new table.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(JAEGER)
    .unit(NoUnit)
    .span(spec.width)
    .height(HEIGHT)
    .overrideByName('Duration', [{ id: 'unit', value: 'µs' }])
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(spec.sortBy).desc(true)])
    .withTarget(query)
}

/** Which service's spans are parents of which, of the traces that were kept. */
export function serviceMap(spec: { title: string; description: string; width: number }): Panel {
  return new nodegraph.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(JAEGER)
    .unit(Milliseconds)
    .span(spec.width)
    .height(HEIGHT)
    .withTarget(new JaegerQuery({ queryType: 'dependencyGraph' }))
}

/** Lines of the log; their trace ids lead to traces. */
export function logLines(spec: { title: string; description: string; width: number; expr: string }): Panel {
  return new logs.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(LOKI)
    .unit(NoUnit)
    .span(spec.width)
    .height(HEIGHT)
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .sortOrder(common.LogsSortOrder.Descending)
    .withTarget(
      new loki.DataqueryBuilder()
        .refId('A')
        .datasource(LOKI)
        .expr(spec.expr)
        .queryType('range')
        .editorMode(loki.QueryEditorMode.Code)
        .maxLines(200),
    )
}
