import type { LabelOf, NameOf, SeriesName } from './series.ts'

/** A condition on a label: `like` takes a regular expression, which a variable of several values becomes. */
export interface Condition {
  operator: '=' | '!=' | '=~' | '!~'
  value: string
}
export const is = (value: string): Condition => ({ operator: '=', value })
export const isNot = (value: string): Condition => ({ operator: '!=', value })
export const like = (value: string): Condition => ({ operator: '=~', value })
export const unlike = (value: string): Condition => ({ operator: '!~', value })

/** Which series, and what is kept apart. A name or a label that there is not does not compile. */
export interface Selection<Name extends SeriesName> {
  where?: Partial<Record<LabelOf<Name>, Condition>>
  by?: readonly LabelOf<Name>[]
}

/** As wide as Grafana needs it to see two scrapes. */
const WINDOW = '$__rate_interval'
/** What the dashboard shows. */
export const WHOLE_RANGE = '$__range'
/** The namespaces that are chosen. Without such a label, as outside of Kubernetes, `.*` stands for all. */
const NAMESPACE: Condition = like('$namespace')

/** `name{…}`, of the namespaces that are chosen. */
export function selector<Name extends SeriesName>(
  name: Name,
  where: Selection<Name>['where'] = {},
  suffix = '',
): string {
  const conditions: [string, Condition][] = [
    ['namespace', NAMESPACE],
    ...(Object.entries(where) as [string, Condition][]),
  ]
  const texts = conditions.map(
    ([label, { operator, value }]) => `${label}${operator}"${value.replace(/\\/g, '\\\\')}"`,
  )
  return `${name}${suffix}{${texts.join(', ')}}`
}

/** `sum by (…) (name{…})`: of gauges. */
export function sum<Name extends NameOf<'gauge'>>(name: Name, selection: Selection<Name> = {}): string {
  return aggregate('sum', selector(name, selection.where), selection.by)
}

/** The highest: of gauges that each process sees in its own way. */
export function max<Name extends NameOf<'gauge'>>(name: Name, selection: Selection<Name> = {}): string {
  return aggregate('max', selector(name, selection.where), selection.by)
}

/** The lowest: of gauges that say whether all is well. */
export function min<Name extends NameOf<'gauge'>>(name: Name, selection: Selection<Name> = {}): string {
  return aggregate('min', selector(name, selection.where), selection.by)
}

/** A second. */
export function rate<Name extends NameOf<'counter'>>(
  name: Name,
  selection: Selection<Name> = {},
  window = WINDOW,
): string {
  return aggregate('sum', `rate(${selector(name, selection.where)}[${window}])`, selection.by)
}

/** How much it has grown within the window: by default within what is shown. */
export function increase<Name extends NameOf<'counter'>>(
  name: Name,
  selection: Selection<Name> = {},
  window = WHOLE_RANGE,
): string {
  return aggregate('sum', `increase(${selector(name, selection.where)}[${window}])`, selection.by)
}

/** The value that a share of the observations does not exceed, between bounds of buckets. @param q from 0 to 1 */
export function quantile<Name extends NameOf<'histogram'>>(
  q: number,
  name: Name,
  selection: Selection<Name> = {},
): string {
  const bucket = `rate(${selector(name, selection.where, '_bucket')}[${WINDOW}])`
  return `histogram_quantile(${q}, ${aggregate('sum', bucket, [...(selection.by ?? []), 'le'])})`
}

/** Observations a second in each bucket, for heatmaps. */
export function buckets<Name extends NameOf<'histogram'>>(
  name: Name,
  selection: Omit<Selection<Name>, 'by'> = {},
): string {
  return aggregate('sum', `rate(${selector(name, selection.where, '_bucket')}[${WINDOW}])`, ['le'])
}

/** Of what was observed, added up a second: with a time as unit, how many at the same time. */
export function observed<Name extends NameOf<'histogram'>>(
  name: Name,
  selection: Selection<Name> = {},
): string {
  return aggregate('sum', `rate(${selector(name, selection.where, '_sum')}[${WINDOW}])`, selection.by)
}

/** Observations a second. */
export function observations<Name extends NameOf<'histogram'>>(
  name: Name,
  selection: Selection<Name> = {},
): string {
  return aggregate('sum', `rate(${selector(name, selection.where, '_count')}[${WINDOW}])`, selection.by)
}

/** The mean of what was observed; nothing where nothing was. */
export function mean<Name extends NameOf<'histogram'>>(name: Name, selection: Selection<Name> = {}): string {
  return ratio(observed(name, selection), observations(name, selection))
}

/** One by another with the same labels; nothing where the second is 0. */
export function ratio(part: string, whole: string): string {
  return `(${part}) / ((${whole}) > 0)`
}

/** 0 where the query finds nothing, so that a panel of faults shows that there are none. @param label what the legend calls that */
export function orZero(query: string, label?: { name: string; value: string }): string {
  const zero = label ? `label_replace(vector(0), "${label.name}", "${label.value}", "", "")` : 'vector(0)'
  return `(${query}) or on() ${zero}`
}

function aggregate(operator: string, query: string, by: readonly string[] = []): string {
  return by.length === 0 ? `${operator}(${query})` : `${operator} by (${by.join(', ')}) (${query})`
}
