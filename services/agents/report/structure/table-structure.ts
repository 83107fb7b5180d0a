import type { TableStructure } from '#schemas/analysis.ts'
import type { Table } from '#schemas/document.ts'
import { nameTokens } from './name-tokens.ts'
import type { PanelEntities } from './panel-entities.ts'
import type { ReshapedTable } from './reshaped-table.ts'
import type { RoledColumn, RowAxis } from './row-axis.ts'
import { timePeriod } from './time-period.ts'

/** What is known when the structure is told. */
export interface StructureSource {
  document: string
  /** As it was read, before it was reshaped. */
  table: Table
  rows: number
  columns: readonly RoledColumn[]
  axis: RowAxis | null
  entities: PanelEntities | null
  /** How the table was reshaped, if it was. */
  reshaped?: Pick<ReshapedTable, 'kind' | 'note'> | null | undefined
}

/** What a table is, with notes for people on its time: gaps, several rows a moment. Pure. */
export function tableStructure(source: StructureSource): TableStructure {
  const { document, table, rows, columns, axis, entities, reshaped } = source
  const { whole } = table
  // A sample of the moments has gaps everywhere.
  const period = whole ? wholePeriod(table, axis) : timePeriod(axis)
  return {
    document,
    table: table.name,
    rows: whole?.rows ?? Math.max(0, ...table.columns.map(({ values }) => values.length)),
    columns: table.columns.length,
    kind: kindOf({ rows, columns, axis, entities, reshaped }),
    timeColumns: axis?.columns ?? [],
    ...(axis?.granularity && { granularity: axis.granularity }),
    ...(entities && { entity: { column: entities.columns.join(' · '), count: entities.names.length } }),
    ...(period && { period: { fromMs: period.fromMs, toMs: period.toMs, gaps: period.gaps } }),
    notes: [...table.notes, ...(reshaped ? [reshaped.note] : []), ...(whole ? [] : timeNotes(source))],
    losses: [...(table.losses ?? [])],
  }
}

/** From the first to the last time of all rows. */
function wholePeriod({ columns, whole }: Table, axis: RowAxis | null): TableStructure['period'] {
  const index = columns.findIndex(({ name }) => axis?.columns.length === 1 && name === axis.columns[0])
  const times = whole?.columns[index]?.numeric
  return axis?.kind === 'time' && times ? { fromMs: times.min, toMs: times.max, gaps: 0 } : undefined
}

function kindOf({
  rows,
  columns,
  axis,
  entities,
  reshaped,
}: Pick<StructureSource, 'rows' | 'columns' | 'axis' | 'entities' | 'reshaped'>): TableStructure['kind'] {
  if (rows === 0 || columns.length === 0) return 'empty'
  if (reshaped) return reshaped.kind
  if (axis) return entities ? 'panel' : 'time-series'
  return isSurvey(columns) ? 'survey' : 'cross-section'
}

const MIN_ANSWERS = 2
const MIN_ANSWER_SHARE = 0.5
const RESPONDENT =
  /^(resp|respid|respondent|respondents|participant|participants|survey|questionnaire|proband)$/
const QUESTION = /^(q\d+[a-z]?|item\d*|question|frage\d*|answer)$/

/** Half of the columns, row names aside, are answers on steps; and they are called questions, the rows respondents, or there are many. */
function isSurvey(columns: readonly RoledColumn[]): boolean {
  if (hasResponses(columns)) return true
  const asked = columns.filter(({ role }) => role !== 'identifier' && role !== 'empty' && role !== 'constant')
  const answers = asked.filter(({ role }) => role === 'ordinal')
  if (answers.length < MIN_ANSWERS || answers.length < MIN_ANSWER_SHARE * asked.length) return false
  const tokens = (group: readonly RoledColumn[]) => group.flatMap(({ column }) => nameTokens(column.name))
  if (tokens(columns).some((token) => RESPONDENT.test(token))) return true
  return answers.length > 2 * MIN_ANSWERS || tokens(answers).some((token) => QUESTION.test(token))
}

/** Whether each row is what one person answered, with its number: when it was sent orders nothing. Pure. */
export function hasResponses(columns: readonly RoledColumn[]): boolean {
  const answers = columns.filter(({ role }) => role === 'ordinal').length
  return (
    answers >= MIN_ANSWERS &&
    columns.some(
      ({ column, role }) =>
        role === 'identifier' &&
        nameTokens(column.name).some((token) => RESPONDENT.test(token) || /^responses?$/.test(token)) &&
        new Set(column.values).size === column.values.length,
    )
  )
}

function timeNotes({ axis, entities, rows }: StructureSource): string[] {
  const period = timePeriod(axis)
  if (!axis || !period) return []
  const notes: string[] = []
  const columns = axis.columns.map((name) => `"${name}"`).join(' and ')
  if (axis.columns.length > 1) notes.push(`The time of a row is read from ${columns} together.`)
  const untimed = rows - axis.at.reduce((sum, ms) => sum + (Number.isFinite(ms) ? 1 : 0), 0)
  if (untimed > 0) notes.push(`${untimed} of ${rows} rows have no time in ${columns} and stand in no series.`)
  if (!entities && rows - untimed > period.moments) {
    notes.push(
      `${rows - untimed} rows stand at ${period.moments} different times: rows of the same time count as one point, with their median.`,
    )
  }
  if (period.gaps > 0) {
    notes.push(
      `${period.gaps} ${period.gaps === 1 ? 'step' : 'steps'} between the first and the last time ${period.gaps === 1 ? 'has' : 'have'} no row: between ${period.longest.join('; ')}.`,
    )
  }
  if (entities) notes.push(...unevenNotes(entities, period.moments))
  return notes
}

/** Entities that do not have a row at each moment. */
function unevenNotes({ rows, columns }: PanelEntities, moments: number): string[] {
  const uneven = rows.filter(({ length }) => length !== moments).length
  if (uneven === 0) return []
  return [
    `${uneven} of ${rows.length} entities of "${columns.join(' · ')}" do not have one row at each of the ${moments} times.`,
  ]
}
