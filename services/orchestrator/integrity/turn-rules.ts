import { isDeepStrictEqual } from 'node:util'
import type { IntegrityRule } from '#schemas/integrity.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import { isTerminal, type StepStatus, type TaskState } from '#schemas/task.ts'
import type { Command } from '#workflow/decide/commands.ts'
import { runStateOf, stepOf } from '#workflow/decide/find-run.ts'
import { bodyOfRun, COMPENSATION_RUN, isEvaluation, isReserved } from '#workflow/decide/run-body.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'

/** One event of a task, with what was made of it. */
export interface AuditedTurn {
  event: LogEvent
  before: TaskState | undefined
  after: TaskState
  commands: readonly Command[]
}

export interface BrokenRule {
  rule: IntegrityRule
  message: string
}

type Say = (rule: IntegrityRule, message: string) => void
type Begin = Extract<Command, { kind: 'DispatchStep' | 'StartChild' | 'Evaluate' }>

const SETTLED: readonly StepStatus[] = ['completed', 'skipped', 'failed', 'cancelled']
const GONE_ON: readonly StepStatus[] = ['completed', 'skipped']

/**
 * The rules that one event of a task broke, told by the plan, the states before and after it and the commands alone: this knows nothing of
 * how `decide` works. Nothing of it depends on what was sent, so what is late, doubled or lost on its way breaks no rule. Pure.
 */
export function brokenRules(turn: AuditedTurn): BrokenRule[] {
  const broken: BrokenRule[] = []
  const say: Say = (rule, message) => void broken.push({ rule, message })
  const { event, before, after } = turn
  if (event.kind === 'accepted' && before) checkAccepted(turn, before, say)
  if (before && isTerminal(before.status)) {
    checkEnded(turn, before, say)
    return broken
  }
  if (event.kind === 'result' && before) checkResult(turn, event, before, say)
  if (before && before.plan === after.plan) checkOutcomes(before, after, say)
  for (const command of turn.commands) if (isBegin(command)) checkBegin(command, turn, say)
  if (after.status === 'completed') checkCompleted(after, say)
  return broken
}

/** A submission that comes twice is the same one. */
function checkAccepted({ event }: AuditedTurn, before: TaskState, say: Say): void {
  if (event.kind !== 'accepted' || isForgotten(before, event.atMs)) return
  if (isOtherSubmission(before.bodyHash, event.body.bodyHash))
    say('accepted-once', `another submission was accepted under its id at ${event.seq}`)
}

/** What was quarantined has lost what it was made of. Pure. */
export function isOtherSubmission(hash: string, other: string): boolean {
  return hash !== '' && hash !== other
}

/** A submission under its id is another task by then: what does not say how long it is kept may be any. Pure. */
export function isForgotten(
  { finishedAtMs, keepFinishedMs = 0 }: Pick<TaskState, 'finishedAtMs' | 'keepFinishedMs'>,
  atMs: number,
): boolean {
  return finishedAtMs !== undefined && atMs - finishedAtMs > keepFinishedMs
}

function checkEnded({ event, after, commands }: AuditedTurn, before: TaskState, say: Say): void {
  if (event.kind === 'accepted' && isForgotten(before, event.atMs)) return
  if (after !== before) say('terminal-never-changes', `was ${before.status} and changed with ${event.kind}`)
  const begun = commands.find(({ kind }) => kind !== 'RecordLate')
  if (begun) say('terminal-never-changes', `was ${before.status}, and ${begun.kind} followed`)
}

/** Only the attempt that is out counts, and none answers before it was begun. */
function checkResult(
  { after, commands }: AuditedTurn,
  { body: { stepId: runId, attempt } }: LogEvent & { kind: 'result' },
  before: TaskState,
  say: Say,
): void {
  const body = bodyOfRun(before.plan, runId)
  const run = runStateOf(before, runId)
  // What the orchestrator itself works out begins with attempt 1 again, and items that are done are forgotten.
  if (body && run && !isReserved(body.agent) && attempt > run.attempt)
    say(
      'attempts-in-order',
      `attempt ${attempt} of ${runId} answered, and ${run.attempt} is the last that was begun`,
    )
  if (after === before || commands.some(({ kind }) => kind === 'RecordLate')) return
  // Its time was up with the task's: then it is the end that counted.
  if (isTerminal(after.status) && after.error?.code === 'DEADLINE_EXCEEDED') return
  if (run?.status !== 'dispatched' || run.attempt !== attempt)
    say(
      'one-result-a-run',
      `a result of attempt ${attempt} of ${runId} counted, which was ${run?.status ?? 'not there'} at attempt ${run?.attempt ?? 0}`,
    )
}

/** Of what has changed alone: steps that an event does not touch are the same objects. */
function checkOutcomes(before: TaskState, after: TaskState, say: Say): void {
  for (const id in before.steps) {
    const was = before.steps[id]!
    const is = after.steps[id]
    if (was === is || !SETTLED.includes(was.status)) continue
    if (is?.status !== was.status)
      say('outcomes-stay', `${id} was ${was.status} and is ${is?.status ?? 'gone'}`)
    else if (was.output !== is.output && !isDeepStrictEqual(was.output, is.output))
      say('outcomes-stay', `the output of ${id} has changed`)
  }
}

function isBegin(command: Command): command is Begin {
  return command.kind === 'DispatchStep' || command.kind === 'StartChild' || command.kind === 'Evaluate'
}

function checkBegin({ stepId: runId, attempt }: Begin, { before, after }: AuditedTurn, say: Say): void {
  const { stepId, part } = splitRunId(runId)
  if (after.status === 'paused') say('nothing-begins-while-paused', `${runId} is begun`)
  const known = before?.plan === after.plan ? before : undefined
  const last = known && runStateOf(known, runId)
  const isAgain = isEvaluation(part) && attempt === 1
  if (!isAgain && attempt !== (last?.attempt ?? 0) + 1)
    say('attempts-in-order', `attempt ${attempt} of ${runId} follows ${last?.attempt ?? 0}`)
  if (last?.status === 'completed' && !isAgain) say('outcomes-stay', `${runId} is completed and begun again`)
  if (part === COMPENSATION_RUN) return
  for (const need of stepOf(after.plan, stepId)?.needs ?? []) {
    const status = after.steps[need]?.status
    const goesOn = status === 'failed' && stepOf(after.plan, need)?.onFailure === 'continue'
    if (!goesOn && !(status && GONE_ON.includes(status)))
      say('needs-come-first', `${runId} is begun while ${need} is ${status ?? 'not there'}`)
  }
}

function checkCompleted({ plan, steps }: TaskState, say: Say): void {
  for (const { id, onFailure } of plan.steps) {
    const status = steps[id]?.status
    const isSettled = status !== undefined && GONE_ON.includes(status)
    if (!isSettled && !(status === 'failed' && onFailure === 'continue'))
      say('ends-as-its-steps', `is completed, and its step ${id} is ${status ?? 'not there'}`)
  }
}
