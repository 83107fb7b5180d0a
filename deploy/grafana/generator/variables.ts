import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import { PROMETHEUS } from './panels.ts'
import type { LabelOf, SeriesName } from './series.ts'

/** A data source that a reader can choose, and that is there by its uid from the start. */
export function datasourceVariable(
  name: 'datasource' | 'jaeger' | 'loki',
  about: { type: string; title: string; description: string },
): dashboard.DatasourceVariableBuilder {
  const uid = name === 'datasource' ? 'prometheus' : name
  return new dashboard.DatasourceVariableBuilder(name)
    .label(about.title)
    .description(about.description)
    .type(about.type)
    .current({ selected: true, text: about.title, value: uid })
}

/**
 * Values of a label of a series. Several or all of them can be chosen; with `single` one, and that is the one at first.
 */
export function labelVariable<Name extends SeriesName>(about: {
  name: string
  title: string
  description: string
  label: LabelOf<Name>
  series: Name
  single?: string
}): dashboard.QueryVariableBuilder {
  const query = `label_values(${about.series}, ${about.label})`
  const variable = new dashboard.QueryVariableBuilder(about.name)
    .label(about.title)
    .description(about.description)
    .datasource(PROMETHEUS)
    .query({ qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
  if (about.single !== undefined) {
    return variable.multi(false).current({ selected: true, text: about.single, value: about.single })
  }
  return (
    variable
      .multi(true)
      .includeAll(true)
      // Not the list of all: what has no such label, or came after the list was made, is there, too.
      .allValue('.*')
      .current({ selected: true, text: 'All', value: '$__all' })
  )
}
