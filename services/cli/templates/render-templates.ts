import { kindOf } from '#schemas/plan.ts'
import type { GetTemplateResponse, PlanTemplate, TemplateSummary } from '#schemas/plan-template.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { diffLines, nearChanges } from './template-diff.ts'

interface RenderOptions {
  paint: Paint
  nowMs: number
  width?: number
}

const LIST_COLUMNS: readonly TableColumn[] = [
  { title: 'template' },
  { title: 'newest', align: 'right' },
  { title: 'versions', align: 'right' },
  { title: 'age', align: 'right' },
  { title: 'description', flexible: true },
]
const PARAMETER_COLUMNS: readonly TableColumn[] = [
  { title: 'parameter' },
  { title: 'type' },
  { title: 'unless given' },
  { title: 'description', flexible: true },
]
const STEP_COLUMNS: readonly TableColumn[] = [
  { title: 'step' },
  { title: 'agent' },
  { title: 'needs', flexible: true },
]

export function renderList(
  templates: readonly TemplateSummary[],
  { paint, nowMs, width }: RenderOptions,
): string[] {
  const rows = templates.map(({ name, version, versions, createdAtMs, description = '' }): Cell[] => [
    { text: name, style: 'bold' },
    { text: String(version) },
    { text: String(versions) },
    { text: formatDuration(nowMs - createdAtMs) },
    { text: printable(description), style: 'dim' },
  ])
  return renderTable(LIST_COLUMNS, rows, { paint, ...(width !== undefined && { width }) })
}

/** A version: what it takes, its steps, and which versions there are. */
export function renderTemplate(
  { template, versions }: GetTemplateResponse,
  { paint, nowMs, width }: RenderOptions,
): string[] {
  const { name, version, description, parameters, plan, deadlineMs, createdAtMs } = template
  const table = { paint, ...(width !== undefined && { width }) }
  const about = [
    count(plan.steps.length, 'step'),
    ...(deadlineMs === undefined ? [] : [`${formatDuration(deadlineMs)} for all`]),
    `written ${formatDuration(nowMs - createdAtMs)} ago`,
  ]
  const parameterRows = Object.entries(parameters).map(
    ([field, { type, default: preset, optional, description: text = '' }]): Cell[] => [
      { text: field, style: 'bold' },
      { text: type },
      presetCell(preset === undefined ? undefined : JSON.stringify(preset), optional),
      { text: printable(text), style: 'dim' },
    ],
  )
  const stepRows = plan.steps.map((step): Cell[] => [
    { text: step.id, style: 'bold' },
    { text: step.agent ?? kindOf(step) },
    { text: (step.needs ?? []).join(', '), style: 'dim' },
  ])
  const others = versions.map((one) => one.version).filter((one) => one !== version)
  return [
    `${paint.bold(`${name}@${version}`)}  ${about.join(', ')}`,
    ...(description === undefined ? [] : [printable(description)]),
    '',
    ...(parameterRows.length === 0
      ? [paint.dim('It takes no input.')]
      : renderTable(PARAMETER_COLUMNS, parameterRows, table)),
    '',
    ...renderTable(STEP_COLUMNS, stepRows, table),
    ...(others.length === 0 ? [] : ['', paint.dim(`Other versions: ${others.join(', ')}`)]),
  ]
}

function presetCell(preset: string | undefined, isOptional: boolean | undefined): Cell {
  if (preset !== undefined) return { text: printable(preset).slice(0, 40) }
  return isOptional ? { text: 'left out', style: 'dim' } : { text: 'has to be given', style: 'yellow' }
}

/** What one version says and another does not, as lines of JSON. */
export function renderDiff(before: PlanTemplate, after: PlanTemplate, paint: Paint): string[] {
  const lines = diffLines(linesOf(before), linesOf(after))
  if (lines.every(({ kind }) => kind === 'same')) return [paint.dim('They say the same.')]
  const styles = { same: paint.dim, removed: paint.red, added: paint.green }
  const marks = { same: ' ', removed: '-', added: '+' }
  return nearChanges(lines).map((line) =>
    line === undefined ? paint.dim('  …') : styles[line.kind](`${marks[line.kind]} ${printable(line.text)}`),
  )
}

/** What a version says, without its number and its time, a field of JSON a line. */
export function linesOf({ description, parameters, plan, deadlineMs }: PlanTemplate): string[] {
  return JSON.stringify({ description, deadlineMs, parameters, plan }, null, 2).split('\n')
}
