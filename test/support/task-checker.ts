import assert from 'node:assert/strict'
import type { LogEvent } from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { unresolvedCommands } from '../../services/orchestrator/decide/unresolved.ts'
import type { Turn } from './simulated-task.ts'

const DEFAULT_ATTEMPTS = 3

interface Outstanding {
  attempt: number
  timeoutAtMs: number
}

/**
 * What must hold of any task, told from its log and the commands alone: this knows nothing of how `decide` works.
 * @throws AssertionError with the rule that was broken
 */
export function checkTask(turns: readonly Turn[], options: { slackMs: number } = { slackMs: 5 }): void {
  const checker = new TaskChecker(turns)
  for (const turn of turns) checker.check(turn)
  checker.checkEnd(turns.at(-1)!.after, options.slackMs)
}

class TaskChecker {
  readonly #steps: ReadonlyMap<string, Step>
  readonly #deadlineAtMs: number
  readonly #outstanding = new Map<string, Outstanding>()
  readonly #attempts = new Map<string, number>()
  readonly #outputs = new Map<string, unknown>()
  /** Lost for good; their plan decides whether the task goes on. */
  readonly #lost = new Set<string>()
  #cancelAsked = false
  #terminal: TaskState | undefined

  constructor(turns: readonly Turn[]) {
    const first = turns[0]!.event
    assert(first.kind === 'accepted')
    this.#steps = new Map(first.body.plan.steps.map((step) => [step.id, step]))
    this.#deadlineAtMs = first.atMs + first.body.deadlineMs
  }

  check(turn: Turn): void {
    const { after } = turn
    assert(after, 'an accepted task exists for ever')
    if (this.#terminal) {
      assert.deepEqual(after, this.#terminal, 'a terminal state never changes')
      for (const command of turn.commands)
        assert.equal(command.kind, 'RecordLate', 'nothing is done after the end')
      return
    }
    this.#resolve(turn.event)
    for (const command of turn.commands) {
      if (command.kind === 'DispatchStep') this.#dispatched(command, turn)
    }
    this.#checkAccepted(turn)
    if (isTerminal(after.status)) {
      const dispatches = turn.commands.filter((command) => command.kind === 'DispatchStep')
      assert.ok(dispatches.length === 0 || after.status !== 'cancelled', 'no dispatch with the cancel')
      this.#terminal = after
      return
    }
    this.#checkUnresolved(after)
  }

  checkEnd(state: TaskState | undefined, slackMs: number): void {
    assert(state && this.#terminal, 'the task has ended')
    assert(
      state.finishedAtMs! <= Math.max(this.#deadlineAtMs, state.createdAtMs) + slackMs,
      `it ended within its deadline: ${state.finishedAtMs} against ${this.#deadlineAtMs}`,
    )
    const open = Object.values(state.steps).filter((step) =>
      ['waiting', 'dispatched', 'backoff'].includes(step.status),
    )
    assert.deepEqual(open, [], 'no step is left open')
    if (state.status === 'completed') this.#checkOutput(state)
    if (state.status === 'cancelled') assert(this.#cancelAsked, 'only who is told to is cancelled')
    if (state.status === 'failed' && state.error?.code !== 'DEADLINE_EXCEEDED') {
      const culprit = state.error?.stepId
      assert(culprit !== undefined && this.#lost.has(culprit), 'it failed with a step that was lost')
      assert.notEqual(this.#steps.get(culprit)?.onFailure, 'continue')
    }
  }

  /** Takes from what is out what this event settles, by the rules of the wire alone. */
  #resolve(event: LogEvent): void {
    if (event.kind === 'control') this.#cancelAsked = true
    else if (event.kind === 'timer') {
      for (const [id, { timeoutAtMs, attempt }] of this.#outstanding) {
        if (timeoutAtMs > event.body.dueMs) continue
        this.#outstanding.delete(id)
        if (attempt >= this.#mostAttempts(id)) this.#lost.add(id)
      }
    } else if (event.kind === 'result') {
      const { stepId, attempt, outcome } = event.body
      if (this.#outstanding.get(stepId)?.attempt !== attempt) return
      this.#outstanding.delete(stepId)
      if (outcome.kind === 'done') {
        assert(!this.#outputs.has(stepId), 'one accepted result a step at most')
        this.#outputs.set(stepId, outcome.output)
      } else if (outcome.kind === 'fail' || attempt >= this.#mostAttempts(stepId)) this.#lost.add(stepId)
    }
  }

  #dispatched({ stepId, attempt }: { stepId: string; attempt: number }, { event, after }: Turn): void {
    const step = this.#steps.get(stepId)
    assert(step, 'only steps of the plan are dispatched')
    assert.equal(attempt, (this.#attempts.get(stepId) ?? 0) + 1, `attempts of ${stepId} count up by one`)
    assert(attempt <= this.#mostAttempts(stepId), `${stepId} is not tried more often than its policy says`)
    assert(!this.#outstanding.has(stepId), `${stepId} is out once at a time`)
    assert(!this.#outputs.has(stepId) && !this.#lost.has(stepId), `${stepId} is not done yet`)
    assert(event.atMs >= after!.startAtMs || event.kind === 'timer', 'not before the delayed start')
    for (const need of step.needs ?? []) {
      const goesOn = this.#lost.has(need) && this.#steps.get(need)?.onFailure === 'continue'
      assert(this.#outputs.has(need) || goesOn, `${stepId} is dispatched after what it needs: ${need}`)
    }
    this.#attempts.set(stepId, attempt)
    const timeoutAtMs = event.atMs + step.queueTimeoutMs! + step.timeoutMs!
    this.#outstanding.set(stepId, { attempt, timeoutAtMs })
  }

  /** The outputs that the state has are those of results that counted. */
  #checkAccepted({ after }: Turn): void {
    for (const [id, step] of Object.entries(after!.steps)) {
      assert.equal(
        step.status === 'completed',
        this.#outputs.has(id),
        `${id} is completed by a result that counts`,
      )
      if (step.status === 'completed') assert.deepEqual(step.output, this.#outputs.get(id))
      assert(step.attempt === (this.#attempts.get(id) ?? 0), `${id} has the attempt that was dispatched last`)
    }
  }

  #checkUnresolved(state: TaskState): void {
    const again = unresolvedCommands(state).map((command) =>
      command.kind === 'DispatchStep' ? `${command.stepId}:${command.attempt}` : command.kind,
    )
    const out = [...this.#outstanding].map(([id, { attempt }]) => `${id}:${attempt}`)
    assert.deepEqual(again.sort(), out.sort(), 'a new owner sends exactly what is out')
  }

  #checkOutput(state: TaskState): void {
    const steps = [...this.#steps.values()]
    for (const step of steps)
      assert(this.#outputs.has(step.id) || (this.#lost.has(step.id) && step.onFailure === 'continue'))
    const needed = new Set(steps.flatMap((step) => step.needs ?? []))
    const leaves = steps.filter((step) => !needed.has(step.id))
    assert.deepEqual(
      state.output,
      Object.fromEntries(leaves.map(({ id }) => [id, this.#outputs.get(id) ?? null])),
      'the result is put together from the outputs that nobody needs',
    )
  }

  #mostAttempts(stepId: string): number {
    return this.#steps.get(stepId)?.retry?.maxAttempts ?? DEFAULT_ATTEMPTS
  }
}
