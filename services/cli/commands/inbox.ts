import type { Command } from 'commander'
import { stepIdSchema, taskIdSchema } from '#schemas/identifiers.ts'
import {
  answerApprovalRequestSchema,
  handOnApprovalRequestSchema,
  listApprovalsRequestSchema,
} from '#schemas/task-controls.ts'
import type { CliContext, Run } from '../cli-context.ts'
import type { ControlClient } from '../client/murmur-client.ts'
import { formValues } from '../controls/read-answer.ts'
import { INBOX_COLUMNS, inboxRow, questionLines } from '../controls/render-inbox.ts'
import { EXIT } from '../exit-codes.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
import { renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { userName } from '../user-name.ts'
import { checkedBy, integerOption, logNextPage, readJsonOption } from './arguments.ts'

interface InboxOptions {
  for?: string
  task?: string
  limit: number
  cursor?: string
}

interface AnswerOptions {
  attempt?: number
  value?: string[]
  subject?: string
  comment?: string
}

const { assignee: assigneeSchema, cursor: cursorSchema } = listApprovalsRequestSchema.shape
const { reason: reasonSchema } = handOnApprovalRequestSchema.shape
const nameSchema = handOnApprovalRequestSchema.shape.to.element
const { comment: commentSchema } = answerApprovalRequestSchema.shape

/** `murmur inbox`, `approve`, `reject` and `hand-on`. */
export function addInbox(program: Command, run: Run): void {
  program
    .command('inbox')
    .description('questions of tasks that wait for somebody to decide')
    .option(
      '--for <who>',
      'only for this person or group, and for nobody in particular',
      checkedBy(assigneeSchema.unwrap()),
    )
    .option('--task <id>', 'only of this task', checkedBy(taskIdSchema))
    .option('--limit <n>', 'at most so many', integerOption(1, 200), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(cursorSchema.unwrap()))
    .action((options: InboxOptions) => run((context) => inbox(context, options)))
  addAnswer(program, run, 'approve')
    .option('--value <name=value>', 'what is filled into the form; may be given several times', collect)
    .option('--subject <json>', 'what is approved instead, where that may be changed: JSON, or @FILE')
  addAnswer(program, run, 'reject').option(
    '--value <name=value>',
    'what is filled into the form; may be given several times',
    collect,
  )
  addHandOn(program, run)
}

interface HandOnOptions {
  to: string[]
  keep?: boolean
  reason?: string
  attempt?: number
}

function addHandOn(program: Command, run: Run): void {
  program
    .command('hand-on')
    .description('let others decide what a task waits with')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .argument('<step>', 'the step that asks', checkedBy(stepIdSchema))
    .requiredOption(
      '--to <who>',
      'a person or a group; may be given several times',
      (text: string, earlier: string[] = []) => [...earlier, checkedBy(nameSchema)(text)],
    )
    .option('--keep', 'whom it is for now may answer, too')
    .option('--reason <text>', 'for those who are to decide', checkedBy(reasonSchema.unwrap()))
    .option('--attempt <n>', 'which time it is asked; that of the inbox', integerOption(1, 1_000_000))
    .action((taskId: string, stepId: string, options: HandOnOptions) =>
      run((context) => handOn(context, { taskId, stepId }, options)),
    )
}

async function handOn(
  context: CliContext,
  about: { taskId: string; stepId: string },
  { to, keep = false, reason, attempt }: HandOnOptions,
) {
  const accepted = await withClient(context, async ({ controls }) =>
    controls.handOn({
      ...{ ...about, to, keep, by: userName() },
      attempt: attempt ?? (await find(controls, about))?.attempt ?? 1,
      ...(reason !== undefined && { reason }),
    }),
  )
  if (context.json) context.terminal.printJson(accepted)
  else context.terminal.log(`Step ${about.stepId} of task ${about.taskId} is for ${to.join(', ')} now.`)
  return EXIT.ok
}

const collect = (text: string, earlier: string[] = []) => [...earlier, text]

function addAnswer(program: Command, run: Run, name: 'approve' | 'reject'): Command {
  const decision = name === 'approve' ? 'approved' : 'rejected'
  return program
    .command(name)
    .description(
      name === 'approve' ? 'say yes to what a task waits with' : 'say no: the step that asks fails',
    )
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .argument('<step>', 'the step that asks', checkedBy(stepIdSchema))
    .option('--attempt <n>', 'which time it is asked; that of the inbox', integerOption(1, 1_000_000))
    .option('--comment <text>', 'for those who look at it later', checkedBy(commentSchema.unwrap()))
    .action((taskId: string, stepId: string, options: AnswerOptions) =>
      run((context) => answer(context, { taskId, stepId, decision }, options)),
    )
}

async function inbox(context: CliContext, options: InboxOptions) {
  const { terminal, clock, json } = context
  const { for: assignee, task: taskId, limit, cursor } = options
  const request = {
    ...(assignee !== undefined && { assignee }),
    ...(taskId !== undefined && { taskId }),
    ...(cursor !== undefined && { cursor }),
  }
  const { items, nextCursor } = await withClient(context, ({ controls }) =>
    fullPage(limit, async (next) => {
      const page = await controls.approvals({ ...request, ...next })
      return { items: page.approvals, nextCursor: page.nextCursor }
    }),
  )
  if (json) terminal.printJson({ approvals: items, ...(nextCursor !== undefined && { nextCursor }) })
  else if (items.length === 0)
    terminal.log(nextCursor === undefined ? 'Nothing waits for a decision.' : EMPTY_PAGE)
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = items.map((open) => inboxRow(open, clock.nowMs()))
    terminal.print(...renderTable(INBOX_COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
    const [first] = items
    if (items.length === 1) terminal.print('', ...questionLines(first!).map(printable))
    terminal.log(`murmur approve ${first!.taskId} ${first!.stepId} says yes, murmur reject says no.`)
  }
  if (!json) logNextPage(context, { nextCursor })
  return EXIT.ok
}

type Answer = { taskId: string; stepId: string; decision: 'approved' | 'rejected' }

async function answer(context: CliContext, about: Answer, options: AnswerOptions) {
  const { value: given = [], subject: text, comment } = options
  const subject = text === undefined ? undefined : await readJsonOption(context, text, '--subject')
  const accepted = await withClient(context, async ({ controls }) => {
    // The form says of which type values are, and the inbox how often it was asked.
    const open = options.attempt === undefined || given.length > 0 ? await find(controls, about) : undefined
    const attempt = options.attempt ?? open?.attempt ?? 1
    const values = given.length > 0 ? formValues(given, open?.approval.form) : undefined
    return controls.answer({
      ...about,
      attempt,
      by: userName(),
      ...(values && { values }),
      ...(subject !== undefined && { subject }),
      ...(comment !== undefined && { comment }),
    })
  })
  if (context.json) context.terminal.printJson(accepted)
  else context.terminal.log(`Step ${about.stepId} of task ${about.taskId} is ${about.decision}.`)
  return EXIT.ok
}

/** The question as it is open now; undefined where it is not: the answer says so. */
async function find(controls: ControlClient, { taskId, stepId }: Pick<Answer, 'taskId' | 'stepId'>) {
  let cursor: string | undefined
  do {
    const page = await controls.approvals({ taskId, limit: 200, ...(cursor !== undefined && { cursor }) })
    const found = page.approvals.find((open) => open.stepId === stepId)
    if (found) return found
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return undefined
}
