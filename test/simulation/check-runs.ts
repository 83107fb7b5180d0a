import { isDeepStrictEqual } from 'node:util'
import type { JsonValue } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import { isTerminal } from '#schemas/task.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import { bodyOf } from '#workflow/decide/run-body.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'
import type { Turn } from '../support/simulated-task.ts'
import type { Report } from './invariants.ts'
import type { Refold, TaskStory } from './refold.ts'

const EVALUATIONS = ['when', 'items', 'outputs', 'until']
const DEFAULT_ATTEMPTS: Readonly<Record<string, number>> = { _task: 1, _evaluation: 10 }
const BEGINS = ['DispatchStep', 'StartChild', 'Evaluate']

interface Run {
  attempt: number
  hasResult: boolean
}

/** How the runs of each task follow each other: told from events and commands, by the plan alone. */
export function checkRunOrder({ stories }: Refold, report: Report): void {
  for (const story of stories.values()) new RunOrder(story, report).check()
}

class RunOrder {
  readonly #story: TaskStory
  readonly #report: Report
  readonly #steps: ReadonlyMap<string, Step>
  readonly #runs = new Map<string, Run>()
  readonly #outputs = new Map<string, JsonValue>()
  readonly #completed = new Map<string, number>()
  readonly #undone: string[] = []

  constructor(story: TaskStory, report: Report) {
    this.#story = story
    this.#report = report
    this.#steps = new Map(story.accepted.plan.steps.map((step) => [step.id, step]))
  }

  check(): void {
    for (const turn of this.#story.turns) {
      this.#noteResult(turn)
      this.#checkRelease(turn)
      for (const command of turn.commands)
        if (BEGINS.includes(command.kind)) this.#begun(command as { stepId: string; attempt: number }, turn)
      this.#noteSteps(turn)
    }
    this.#checkUndone()
  }

  /** Only the attempt that is out counts, once. */
  #noteResult({ event, before, after, commands }: Turn): void {
    if (event.kind !== 'result' || after === before) return
    if (commands.some(({ kind }) => kind === 'RecordLate')) return
    const { stepId: runId, attempt, outcome } = event.body
    const run = this.#runs.get(runId)
    if (run?.attempt !== attempt)
      this.#say('one-result-a-run', `attempt ${attempt} of ${runId} counts while ${run?.attempt} is out`)
    else if (run.hasResult) this.#say('one-result-a-run', `a second result of ${runId}:${attempt} counts`)
    if (run) run.hasResult = true
    if (outcome.kind === 'done') this.#outputs.set(runId, outcome.output)
  }

  #checkRelease({ event, before, after }: Turn): void {
    if (event.kind !== 'released' || after === before || !before || isTerminal(after!.status)) return
    const { stepId: runId, attempt, instance } = event.body
    const run = runStateOf(before, runId)
    if (run?.attempt !== attempt || (run.run && run.run.instance !== instance))
      this.#say('released-by-its-runner', `${instance} hands back ${runId}, which ${run?.run?.instance} runs`)
  }

  #begun({ stepId: runId, attempt }: { stepId: string; attempt: number }, turn: Turn): void {
    const { stepId, part } = splitRunId(runId)
    const step = this.#steps.get(stepId)
    const body = step && bodyOf(step, part)
    if (!body) {
      this.#say('sent-as-decided', `there is no run ${runId} in the plan`)
      return
    }
    const last = this.#runs.get(runId)
    const isAgain = part !== undefined && EVALUATIONS.includes(part) && attempt === 1
    if (!isAgain && attempt !== (last?.attempt ?? 0) + 1)
      this.#say('attempts-in-policy', `attempt ${attempt} of ${runId} follows ${last?.attempt ?? 0}`)
    const base = body.retry?.maxAttempts ?? DEFAULT_ATTEMPTS[body.agent] ?? 3
    const special = Object.values(body.retry?.byCode ?? {}).map(({ maxAttempts }) => maxAttempts ?? base)
    if (attempt > Math.max(base, ...special))
      this.#say('attempts-in-policy', `attempt ${attempt} of ${runId} is more than ${base}`)
    if (!isAgain && this.#outputs.has(runId))
      this.#say('one-result-a-run', `${runId} has its output, and is begun again`)
    this.#runs.set(runId, { attempt, hasResult: false })
    this.#checkMoment(runId, turn)
    if (part === 'compensate') {
      if (!this.#undone.includes(stepId)) this.#undone.push(stepId)
    } else this.#checkNeeds(step, turn)
  }

  #checkMoment(runId: string, { event, before, after }: Turn): void {
    const isUndoing = runId.endsWith('.compensate')
    const say = (message: string) => this.#say('nothing-begins-after-the-end', `${runId} is begun ${message}`)
    if (before && isTerminal(before.status)) say(`after the task was ${before.status}`)
    if (after!.status === 'paused') say('while the task is paused')
    if (isUndoing) return
    if (before?.status === 'compensating') say('beside compensations')
    if (event.kind === 'control' && event.body.action === 'cancel') say('by a cancel')
  }

  #checkNeeds({ id, needs = [] }: Step, { after }: Turn): void {
    for (const need of needs) {
      const { status } = after!.steps[need]!
      const goesOn = status === 'failed' && this.#steps.get(need)!.onFailure === 'continue'
      if (status !== 'completed' && status !== 'skipped' && !goesOn)
        this.#say('needs-come-first', `${id} is begun while ${need} is ${status}`)
    }
  }

  #noteSteps({ event, before, after }: Turn): void {
    for (const [id, step] of Object.entries(after!.steps)) {
      const was = before?.steps[id]
      if (step.status !== 'completed' || was?.status === 'completed') continue
      this.#completed.set(id, event.seq)
      const { agent, forEach, repeat } = this.#steps.get(id)!
      const runId = step.viaFallback ? `${id}.fallback` : id
      if (agent === undefined || forEach || (repeat && !step.viaFallback)) continue
      if (!isDeepStrictEqual(step.output, this.#outputs.get(runId)))
        this.#say('one-result-a-run', `${id} has an output that no accepted result gave`)
    }
  }

  #checkUndone(): void {
    const { final } = this.#story
    const say = (message: string) => this.#say('compensations-in-order', message)
    if (final.status === 'completed') {
      if (this.#undone.length > 0) say(`it is completed, and ${this.#undone.join(', ')} was undone`)
      return
    }
    if (!isTerminal(final.status)) return
    for (const [id, { compensate }] of this.#steps)
      if (compensate && this.#completed.has(id) && !final.steps[id]!.compensated) say(`${id} was not undone`)
    const order = this.#undone.map((id) => this.#completed.get(id) ?? Number.NaN)
    for (const [i, seq] of order.entries())
      if (!(i === 0 || seq <= order[i - 1]!))
        say(`${this.#undone[i]} was undone after ${this.#undone[i - 1]}`)
  }

  #say(invariant: Parameters<Report>[0], message: string): void {
    this.#report(invariant, `task ${this.#story.id}: ${message}`)
  }
}
