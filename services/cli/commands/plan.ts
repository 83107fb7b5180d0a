import type { Command } from 'commander'
import { taskTypeSchema } from '#schemas/identifiers.ts'
import { LIMITS } from '#schemas/limits.ts'
import { kindOf, type Step } from '#schemas/plan.ts'
import { templateReferenceSchema } from '#schemas/plan-template.ts'
import type { CheckPlanResponse } from '#schemas/submission.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { composeSubmission, type SubmissionOptions } from '../submission/read-submission.ts'
import { drawPlanGraph } from '../task-view/plan-graph.ts'
import { stepsByLevel } from '../task-view/plan-order.ts'
import { checkedBy, withKeyOptions } from './arguments.ts'

const COLUMNS: readonly TableColumn[] = [
  { title: '' },
  { title: 'step' },
  { title: 'agent' },
  { title: 'stage', align: 'right' },
  { title: 'timeout', align: 'right' },
  { title: 'needs', flexible: true },
]

/** `murmur plan`: what a submission would do. */
export function addPlan(program: Command, run: Run): void {
  const plan = program
    .command('plan')
    .description('check a submission and show its steps; nothing is run')
    .argument('[file]', 'a file of JSON; - is standard input')
    .option('--type <type>', 'type of task, such as report or plan', checkedBy(taskTypeSchema))
    .option(
      '--template <name>',
      'a plan template, NAME or NAME@VERSION, in place of a file',
      checkedBy(templateReferenceSchema),
    )
    .option('--input <json>', 'input of the task, a JSON object')
  withKeyOptions(plan).action((file: string | undefined, options: SubmissionOptions) =>
    run(async (context) => {
      const submission = await composeSubmission(context, file, options)
      const checked = await withClient(context, (client) => client.checkPlan(submission))
      if (context.json) context.terminal.printJson(checked)
      else context.terminal.print(...renderPlan(context, checked))
      return EXIT.ok
    }),
  )
}

function renderPlan(
  { terminal }: CliContext,
  { type, template, plan, stages, deadlineMs, does, warnings, byKey }: CheckPlanResponse,
): string[] {
  const { outPaint: paint, columns: width } = terminal
  const stageOf = new Map(stages.flatMap((ids, i) => ids.map((id) => [id, i + 1] as const)))
  const steps = stepsByLevel(plan).map(({ step }) => step)
  const graph = drawPlanGraph(steps)
  const rows = steps.map((step, i): Cell[] => [
    { text: graph?.[i] ? withMark(graph[i]) : '○', style: 'dim' },
    { text: step.id, style: 'bold' },
    { text: agentOf(step) },
    { text: String(stageOf.get(step.id) ?? '') },
    { text: limitOf(step) },
    { text: step.needs?.join(', ') ?? '', style: 'dim' },
  ])
  const widest = Math.max(...stages.map((ids) => ids.length))
  return [
    `${paint.bold(template ?? type)}  ${count(steps.length, 'step')} in ${count(stages.length, 'stage')}, at most ${widest} at the same time, ${deadlineMs > LIMITS.taskDeadlineMs ? 'without an end' : `${formatDuration(deadlineMs)} for all`}`,
    ...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }),
    ...explained(steps, does).map(([id, what]) => `${paint.bold(id)}: ${printable(what)}`),
    ...(byKey === undefined ? [] : [printable(`By its key: ${byKey}`)]),
    ...warnings.map((warning) => `${paint.yellow('!')} ${printable(warning)}`),
  ]
}

/** What the table does not say already: of steps that do more than to run an agent once. */
function explained(steps: readonly Step[], does: CheckPlanResponse['does']): [id: string, what: string][] {
  return steps.flatMap(({ id, agent }) => {
    const what = Object.hasOwn(does, id) ? does[id]! : ''
    return what === '' || what === `agent ${agent}` ? [] : [[id, what]]
  })
}

function withMark({ text, markAt }: { text: string; markAt: number }): string {
  return `${text.slice(0, markAt)}○${text.slice(markAt + 1)}`
}

/** With what it requires, as a plan may say it: `analysis@^2 [gpu]`. */
function agentOf(step: Step): string {
  const { agent = kindOf(step), version, requires = [] } = step
  const capabilities = requires.length > 0 ? ` [${requires.join(', ')}]` : ''
  return printable(`${agent}${version === undefined ? '' : `@${version}`}${capabilities}`)
}

/** Of one attempt. */
function limitOf({ timeoutMs }: Step): string {
  return timeoutMs === undefined ? '' : formatDuration(timeoutMs)
}
