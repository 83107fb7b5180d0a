import assert from 'node:assert/strict'
import type { LogEvent } from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { buildStepMessage } from '#workflow/decide/build-step-message.ts'
import { unresolvedCommands } from '#workflow/decide/commands.ts'
import type { Turn } from './simulated-task.ts'

const DEFAULT_ATTEMPTS = 3

/** Grace that the orchestrator gives, for a run and for the queue. Milliseconds. */
const GRACE_MS = 3000
/** A timer that is fired earlier than this before its time means nothing. Milliseconds. */
const EARLY_MS = 1000

interface Outstanding {
  attempt: number
  /** When it leaves its queue untaken; absent while it is known to run. */
  expiresAtMs?: number | undefined
  /** When its run is given up; absent while it waits. */
  timeoutAtMs?: number | undefined
  /** Who is known to run it. */
  runner?: string | undefined
}

/**
 * What must hold of any task, told from its log and the commands alone: this knows nothing of how `decide` works.
 * @throws AssertionError with the rule that was broken
 */
export function checkTask(turns: readonly Turn[], options: { slackMs: number } = { slackMs: 60 }): void {
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
  /** Attempts whose message is no longer wanted in its queue. */
  readonly #unwanted = new Set<string>()
  /** Attempts that took their process down, by step. */
  readonly #crashes = new Map<string, number>()
  readonly #buried = new Set<string>()
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
    if (turn.event.atMs > this.#deadlineAtMs)
      assert(isTerminal(after.status), 'nothing that is stored after the deadline finds the task going on')
    else this.#resolve(turn.event)
    for (const command of turn.commands) {
      if (command.kind === 'DispatchStep') this.#dispatched(command, turn)
      if (command.kind === 'BuryStep') this.#isBuried(command)
    }
    this.#checkAccepted(turn)
    this.#checkRetracted(turn)
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
      if (state.error?.code === 'POISON_MESSAGE')
        assert(this.#buried.has(culprit), 'poison is kept for people to look at')
    }
  }

  /** Takes from what is out what this event settles, by the rules of the wire alone. */
  #resolve(event: LogEvent): void {
    if (event.kind === 'control') this.#cancelAsked = true
    else if (event.kind === 'timer') this.#resolveTimer(Math.min(event.body.dueMs, event.atMs + EARLY_MS))
    else if (event.kind === 'started') {
      const { stepId, attempt, instance } = event.body
      const out = this.#outstanding.get(stepId)
      if (out?.attempt !== attempt) return
      const timeoutAtMs = event.atMs + this.#steps.get(stepId)!.timeoutMs! + GRACE_MS
      this.#outstanding.set(stepId, { attempt, timeoutAtMs, runner: instance })
    } else if (event.kind === 'released') {
      const { stepId, attempt, instance } = event.body
      const out = this.#outstanding.get(stepId)
      if (out?.attempt !== attempt || (out.runner !== undefined && out.runner !== instance)) return
      this.#outstanding.set(stepId, this.#waiting(stepId, attempt, event.atMs))
    } else if (event.kind === 'result') this.#resolveResult(event)
  }

  #resolveTimer(untilMs: number): void {
    if (this.#deadlineAtMs <= untilMs) return
    for (const id of this.#steps.keys()) {
      const out = this.#outstanding.get(id)
      if (!out) continue
      const { timeoutAtMs, expiresAtMs, attempt } = out
      // At the deadline itself only the deadline counts: this timer is before it.
      const isExpired = expiresAtMs !== undefined && expiresAtMs + GRACE_MS <= untilMs
      if (!isExpired && !(timeoutAtMs !== undefined && timeoutAtMs <= untilMs)) continue
      this.#outstanding.delete(id)
      this.#unwanted.add(`${id}:${attempt}`)
      if (isExpired || attempt >= this.#mostAttempts(id)) this.#lost.add(id)
      // What is lost first ends the task: nothing that is due with it is looked at any more.
      if (this.#lost.has(id) && this.#steps.get(id)?.onFailure !== 'continue') return
    }
  }

  #resolveResult({ atMs, body }: LogEvent & { kind: 'result' }): void {
    const { stepId, attempt, outcome } = body
    const out = this.#outstanding.get(stepId)
    if (out?.attempt !== attempt) return
    this.#outstanding.delete(stepId)
    if (outcome.kind === 'done') {
      assert(!this.#outputs.has(stepId), 'one accepted result a step at most')
      this.#outputs.set(stepId, outcome.output)
      return
    }
    const { code } = outcome.error
    if (code === 'AGENT_CRASHED') this.#crashes.set(stepId, (this.#crashes.get(stepId) ?? 0) + 1)
    const waitedInVain = code === 'QUEUE_TIMEOUT' && (out.expiresAtMs ?? Infinity) <= atMs + EARLY_MS
    if (waitedInVain) this.#unwanted.add(`${stepId}:${attempt}`)
    if (outcome.kind === 'fail' || waitedInVain || attempt >= this.#mostAttempts(stepId))
      this.#lost.add(stepId)
  }

  #waiting(stepId: string, attempt: number, atMs: number): Outstanding {
    const { queueTimeoutMs = Infinity } = this.#steps.get(stepId)!
    return { attempt, expiresAtMs: Math.min(atMs + queueTimeoutMs, this.#deadlineAtMs) }
  }

  #isBuried({ stepId, attempt }: { stepId: string; attempt: number }): void {
    assert(!this.#buried.has(stepId), `${stepId} is buried once`)
    this.#buried.add(stepId)
    assert(this.#crashes.get(stepId), `${stepId} took a process down`)
    assert(this.#lost.has(stepId) && attempt === this.#attempts.get(stepId), 'at its last attempt')
  }

  #dispatched({ stepId, attempt }: { stepId: string; attempt: number }, { event, after }: Turn): void {
    const step = this.#steps.get(stepId)
    assert(step, 'only steps of the plan are dispatched')
    assert.equal(attempt, (this.#attempts.get(stepId) ?? 0) + 1, `attempts of ${stepId} count up by one`)
    assert(attempt <= this.#mostAttempts(stepId), `${stepId} is not tried more often than its policy says`)
    assert(!this.#outstanding.has(stepId), `${stepId} is out once at a time`)
    assert(!this.#outputs.has(stepId) && !this.#lost.has(stepId), `${stepId} is not done yet`)
    assert(event.atMs + EARLY_MS >= after!.startAtMs, 'not before the delayed start')
    for (const need of step.needs ?? []) {
      const goesOn = this.#lost.has(need) && this.#steps.get(need)?.onFailure === 'continue'
      assert(this.#outputs.has(need) || goesOn, `${stepId} is dispatched after what it needs: ${need}`)
    }
    this.#attempts.set(stepId, attempt)
    // A timer may be early, what follows from it never is.
    const dueMs = event.kind === 'timer' ? Math.min(event.body.dueMs, event.atMs + EARLY_MS) : 0
    this.#outstanding.set(stepId, this.#waiting(stepId, attempt, Math.max(event.atMs, dueMs)))
    const message = buildStepMessage(after!, stepId, attempt, () => 'reply')
    if (isTerminal(after!.status)) return
    assert.equal(message?.alone ?? false, this.#crashes.has(stepId), 'alone after it took a process down')
    assert.equal(message?.deadlineAtMs, this.#deadlineAtMs)
  }

  /** What leaves the queues: attempts that nobody waits for any more, and each of those. */
  #checkRetracted({ after, commands }: Turn): void {
    if (isTerminal(after!.status)) {
      for (const [id, { attempt }] of this.#outstanding) this.#unwanted.add(`${id}:${attempt}`)
    }
    const retracted = commands.flatMap((command) =>
      command.kind === 'RetractStep' ? [`${command.stepId}:${command.attempt}`] : [],
    )
    assert.deepEqual(retracted.sort(), [...this.#unwanted].sort(), 'what nobody waits for leaves its queue')
    this.#unwanted.clear()
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
    const unresolved = unresolvedCommands(state)
    const letters = unresolved.flatMap((command) => (command.kind === 'BuryStep' ? [command.stepId] : []))
    assert.deepEqual(letters.sort(), [...this.#buried].sort(), 'a new owner knows every dead letter')
    const again = unresolved.flatMap((command) => {
      if (command.kind === 'BuryStep') return []
      return command.kind === 'DispatchStep' ? `${command.stepId}:${command.attempt}` : command.kind
    })
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
