import assert from 'node:assert/strict'
import type { RetryPolicy, Step } from '#schemas/plan.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { childIdOf } from '#workflow/decide/child-id.ts'
import { type Command, unresolvedCommands } from '#workflow/decide/commands.ts'
import { bodyOf } from '#workflow/decide/run-body.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'
import type { Turn } from './simulated-task.ts'

const DEFAULT_ATTEMPTS = { agent: 3, _task: 1, _evaluation: 10 }
const EVALUATED = ['when', 'items', 'outputs', 'until']
const OPEN = [
  'waiting',
  'dispatched',
  'backoff',
  'running',
  'sleeping',
  'awaiting-signal',
  'awaiting-approval',
]

interface Run {
  attempt: number
  isOut: boolean
  isDone: boolean
}

/**
 * What must hold of any task of steps of all kinds, told from its log, its commands and what was kept beside its state.
 * @throws AssertionError with the rule that was broken
 */
export function checkRuns(turns: readonly Turn[], options: { slackMs: number } = { slackMs: 60 }): void {
  const checker = new RunChecker(turns)
  for (const turn of turns) checker.check(turn)
  checker.checkEnd(turns.at(-1)!.after!, options.slackMs)
}

class RunChecker {
  readonly #steps: ReadonlyMap<string, Step>
  readonly #taskId: string
  readonly #budgetMs: number
  readonly #runs = new Map<string, Run>()
  readonly #children = new Map<string, string>()
  /** Indices of items whose outcome was kept, by step. */
  readonly #kept = new Map<string, Set<number>>()
  readonly #completedAt = new Map<string, number>()
  readonly #undone: string[] = []
  #isEnding = false
  #terminal: TaskState | undefined

  constructor(turns: readonly Turn[]) {
    const first = turns[0]!.event
    assert(first.kind === 'accepted')
    this.#taskId = first.body.taskId
    this.#steps = new Map(first.body.plan.steps.map((step) => [step.id, step]))
    this.#budgetMs = first.body.plan.compensationTimeoutMs ?? 15 * 60_000
  }

  check(turn: Turn): void {
    const { event, before, after, commands } = turn
    assert(after, 'an accepted task exists for ever')
    if (this.#terminal) {
      assert.deepEqual(after, this.#terminal, 'a terminal state never changes')
      for (const { kind } of commands) assert.equal(kind, 'RecordLate', 'nothing is done after the end')
      assert(!turn.kept && !turn.dropped, 'nothing is kept after the end')
      return
    }
    if (
      event.kind === 'result' &&
      !this.#resolve(event.body.stepId, event.body.attempt, event.body.outcome.kind)
    )
      if (event.atMs <= before!.deadlineAtMs)
        assert.equal(after, before, 'a result that is not waited for changes nothing')
    if (event.kind === 'control' && before?.status !== 'compensating') this.#isEnding = true
    if (after.status === 'compensating' || isTerminal(after.status)) this.#isEnding = true
    this.#noteItems(turn)
    for (const command of commands) this.#carryOut(command, turn)
    this.#noteSteps(turn)
    this.#checkOut(after, commands)
    if (isTerminal(after.status)) this.#terminal = after
  }

  checkEnd(state: TaskState, slackMs: number): void {
    assert(this.#terminal, 'the task has ended')
    const latest = state.createdAtMs + (state.deadlineAtMs - state.createdAtMs) + this.#budgetMs + slackMs
    assert(state.finishedAtMs! <= latest, 'it ended within its deadline and the time of its compensations')
    for (const [id, step] of Object.entries(state.steps)) {
      assert(!OPEN.includes(step.status), `${id} is not left open`)
      assert(
        !step.runs || Object.values(step.runs).every(({ status }) => !OPEN.includes(status)),
        `nor its runs`,
      )
      if (state.status !== 'completed') continue
      const mayBe = [
        'completed',
        'skipped',
        ...(this.#steps.get(id)!.onFailure === 'continue' ? ['failed'] : []),
      ]
      assert(mayBe.includes(step.status), `${id} is ${step.status} in a task that has completed`)
    }
    if (state.status === 'completed') {
      assert.deepEqual(this.#undone, [], 'what has completed is not undone')
      return
    }
    const toUndo = [...this.#completedAt].filter(([id]) => this.#steps.get(id)!.compensate)
    for (const [id] of toUndo)
      assert(state.steps[id]!.compensated, `${id} was undone, or it is known that it was not`)
    const order = this.#undone.map((id) => this.#completedAt.get(id)!)
    assert.deepEqual(
      order,
      order.toSorted((a, b) => b - a),
      'the step that completed last is undone first',
    )
    assert.equal(new Set(this.#undone).size, this.#undone.length, 'each once')
  }

  /** @returns whether it was waited for */
  #resolve(runId: string, attempt: number, kind: string): boolean {
    const run = this.#runs.get(runId)
    if (!run?.isOut || run.attempt !== attempt) return false
    run.isOut = false
    run.isDone = kind === 'done'
    return true
  }

  #carryOut(command: Command, turn: Turn): void {
    if (command.kind === 'DispatchStep' || command.kind === 'StartChild' || command.kind === 'Evaluate')
      this.#begin(command, turn)
    if (command.kind === 'RetractStep') this.#callBack(command.stepId, command.attempt)
    if (command.kind === 'CancelChild') {
      const runId = this.#children.get(command.childId)
      assert(runId !== undefined, 'only children that were started are called back')
      const run = this.#runs.get(runId)!
      if (run.isOut) this.#callBack(runId, run.attempt)
    }
  }

  #callBack(runId: string, attempt: number): void {
    const run = this.#runs.get(runId)
    assert(run?.attempt === attempt, `${runId} is called back as it went out`)
    run.isOut = false
  }

  #begin(
    { kind, stepId: runId, attempt }: { kind: string; stepId: string; attempt: number },
    turn: Turn,
  ): void {
    const { stepId, part } = splitRunId(runId)
    const step = this.#steps.get(stepId)
    const body = step && bodyOf(step, part)
    assert(step && body, `${runId} is in the plan`)
    const kinds = { _task: 'StartChild', _evaluation: 'Evaluate' } as Record<string, string>
    assert.equal(kind, kinds[body.agent] ?? 'DispatchStep', `${runId} goes where it belongs`)
    const last = this.#runs.get(runId)
    const again = part !== undefined && EVALUATED.includes(part) && last && !last.isOut && attempt === 1
    assert(again || attempt === (last?.attempt ?? 0) + 1, `attempts of ${runId} count up by one`)
    assert(!last?.isOut, `${runId} is out once at a time`)
    assert(again || !last?.isDone, `${runId} is not done yet`)
    assert(attempt <= mostAttempts(body.agent, body.retry), `${runId} is tried as often as its policy says`)
    this.#runs.set(runId, { attempt, isOut: true, isDone: false })
    if (kind === 'StartChild') this.#children.set(childIdOf(this.#taskId, runId, attempt), runId)
    this.#checkPlace(step, part, turn)
  }

  #checkPlace(step: Step, part: string | undefined, { after, before, event }: Turn): void {
    if (part === 'compensate') {
      assert.equal(after!.status === 'compensating' || isTerminal(after!.status), true)
      if (!this.#undone.includes(step.id)) this.#undone.push(step.id)
      const others = this.#undone.slice(0, -1).map((id) => this.#runs.get(`${id}.compensate`))
      if (this.#undone.at(-1) === step.id) assert(!others.some((run) => run?.isOut), 'one after the other')
      return
    }
    assert(!this.#isEnding || !(before && event.kind === 'control'), 'nothing begins with a cancel')
    assert(before?.status !== 'compensating', 'nothing but compensations while there are some')
    for (const need of step.needs ?? []) {
      const { status } = after!.steps[need]!
      const goesOn = status === 'failed' && this.#steps.get(need)!.onFailure === 'continue'
      assert(
        status === 'completed' || status === 'skipped' || goesOn,
        `${step.id} begins after what it needs`,
      )
    }
    if (part === 'fallback') {
      assert(!this.#completedAt.has(step.id), 'a fallback is for a step that has failed')
      return
    }
    if (part === undefined || EVALUATED.includes(part)) return
    if (step.forEach) this.#checkItem(step, Number(part), after!)
    else if (step.repeat) {
      assert(Number(part) <= step.repeat.maxIterations, 'not more iterations than allowed')
      if (part !== '1')
        assert(this.#runs.get(`${step.id}.${Number(part) - 1}`)?.isDone, 'one after the other')
    }
  }

  #checkItem(step: Step, index: number, after: TaskState): void {
    if (index > 0) assert(this.#runs.has(`${step.id}.${index - 1}`), 'items begin in order')
    const out = [...this.#runs].filter(
      ([id, run]) => run.isOut && /^[^.]+\.\d+$/.test(id) && splitRunId(id).stepId === step.id,
    )
    assert(out.length <= step.forEach!.concurrency!, 'not more items at a time than allowed')
    const total = after.steps[step.id]!.items?.total
    assert(total === undefined || index < total, 'no item that is not in the list')
  }

  /** Outcomes of items: each once, and none after they were forgotten. */
  #noteItems({ kept, dropped }: Turn): void {
    for (const stepId of dropped ?? []) this.#kept.delete(stepId)
    for (const { stepId, index } of kept ?? []) {
      const all = this.#kept.get(stepId) ?? new Set()
      this.#kept.set(stepId, all)
      assert(!all.has(index), `the outcome of item ${index} of ${stepId} is kept once`)
      all.add(index)
    }
  }

  #noteSteps({ event, before, after, commands }: Turn): void {
    for (const command of commands) {
      if (command.kind !== 'Evaluate' || !command.stepId.endsWith('.outputs')) continue
      const { stepId } = splitRunId(command.stepId)
      assert.equal(
        this.#kept.get(stepId)?.size,
        after!.steps[stepId]!.items!.total,
        'all items are kept by then',
      )
    }
    for (const [id, { status, items }] of Object.entries(after!.steps)) {
      const was = before?.steps[id]?.status
      if (was === 'completed' || was === 'failed') assert.equal(status, was, `${id} stays as it ended`)
      if (status === 'completed' && was !== 'completed') this.#completedAt.set(id, event.seq)
      if (items) assert(items.next <= items.total && items.completed + items.failed <= items.next)
    }
  }

  /** A new owner sends exactly what is out. */
  #checkOut(after: TaskState, commands: readonly Command[]): void {
    const again = unresolvedCommands(after).flatMap((command) =>
      command.kind === 'DispatchStep' || command.kind === 'StartChild' || command.kind === 'Evaluate'
        ? [`${command.stepId}:${command.attempt}`]
        : [],
    )
    for (const [runId, run] of this.#runs) {
      const { part } = splitRunId(runId)
      // What the orchestrator itself computes is not called back: it comes late.
      const isEvaluated = part !== undefined && EVALUATED.includes(part)
      if (run.isOut && isEvaluated && !again.includes(`${runId}:${run.attempt}`)) run.isOut = false
    }
    const out = [...this.#runs].flatMap(([id, { attempt, isOut }]) => (isOut ? [`${id}:${attempt}`] : []))
    assert.deepEqual(
      again.sort(),
      out.sort(),
      `a new owner sends exactly what is out, after ${kindsOf(commands)}`,
    )
  }
}

function kindsOf(commands: readonly Command[]): string {
  return commands.map(({ kind }) => kind).join(', ')
}

function mostAttempts(agent: string, retry: RetryPolicy | undefined): number {
  const fallback = DEFAULT_ATTEMPTS[agent as keyof typeof DEFAULT_ATTEMPTS] ?? DEFAULT_ATTEMPTS.agent
  const base = retry?.maxAttempts ?? fallback
  return Math.max(base, ...Object.values(retry?.byCode ?? {}).map(({ maxAttempts }) => maxAttempts ?? base))
}
