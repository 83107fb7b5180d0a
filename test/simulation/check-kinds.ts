import { isDeepStrictEqual } from 'node:util'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { Turn } from '../support/simulated-task.ts'
import { GRACE_MS } from './check-ends.ts'
import type { History } from './history.ts'
import type { Report } from './invariants.ts'
import type { Refold, TaskStory } from './refold.ts'

const SETTLED = ['completed', 'skipped', 'failed']
const DEFAULT_CONCURRENCY = 10

/** What each kind of step promises. */
export function checkKinds(history: History, { stories }: Refold, report: Report): void {
  for (const story of stories.values()) {
    const say: Report = (invariant, message) => report(invariant, `task ${story.id}: ${message}`)
    for (const turn of story.turns) {
      if (turn.after!.status === 'running') checkBegun(turn.after!, say)
      checkDue(turn, history.healedAtMs, say)
      checkWaiting(turn.after!, say)
    }
    checkConditions(story, say)
    checkItems(story, history, say)
    checkSignals(story, say)
    checkApprovals(story, say)
  }
}

/** Nothing that could go on stands still. */
function checkBegun({ plan, steps }: TaskState, say: Report): void {
  for (const step of plan.steps) {
    const { status, items, runs = {} } = steps[step.id]!
    const needs = (step.needs ?? []).map((id) => steps[id]!.status)
    if (status === 'waiting' && needs.every((need) => SETTLED.includes(need)))
      say('can-begin-begins', `${step.id} waits, and everything that it needs is settled`)
    if (status !== 'running' || !items || items.next >= items.total || runs.fallback) continue
    const concurrency = step.forEach?.concurrency ?? DEFAULT_CONCURRENCY
    if (Object.keys(runs).length !== concurrency)
      say('can-begin-begins', `${Object.keys(runs).length} items of ${step.id} are out, of ${concurrency}`)
  }
}

/** What is due is found happened at the next event, if that comes 10 s later. */
function checkDue({ before, event }: Turn, healedAtMs: number, say: Report): void {
  if (before?.status !== 'running' && before?.status !== 'compensating') return
  for (const [id, step] of Object.entries(before.steps)) {
    const runs = [step, ...Object.values(step.runs ?? {})]
    for (const run of runs) {
      const waits = ['sleeping', 'awaiting-signal', 'awaiting-approval'].includes(run.status)
      const dueMs =
        run.status === 'backoff' ? run.retryAtMs : waits ? (run as typeof step).wakeAtMs : undefined
      const runEndMs = run.status === 'dispatched' ? run.timeoutAtMs : undefined
      for (const atMs of [dueMs, runEndMs])
        if (atMs !== undefined && Math.max(atMs, healedAtMs) + GRACE_MS < event.atMs)
          say('due-happens', `${id} is ${run.status} ${event.atMs - atMs} ms after it was due`)
    }
  }
}

function checkWaiting({ plan, steps, signals = [] }: TaskState, say: Report): void {
  for (const { name } of signals)
    for (const { id, waitFor } of plan.steps)
      if (waitFor?.signal === name && steps[id]!.status === 'awaiting-signal')
        say('signals-once', `${id} waits for "${name}", which is kept`)
}

/** The conditions of random-steps.ts, told without the evaluator of expressions. */
function checkConditions({ accepted, final, outs }: TaskStory, say: Report): void {
  for (const step of accepted.plan.steps) {
    const { status } = final.steps[step.id]!
    const hasBegun = outs.some(
      ({ runId }) => runId === step.id || (runId.startsWith(`${step.id}.`) && !runId.endsWith('.when')),
    )
    const needs = (step.needs ?? []).map((id) => final.steps[id]!.status)
    if (needs.length > 0 && needs.every((need) => need === 'skipped') && isTerminal(final.status)) {
      if (status !== 'skipped')
        say('conditions-hold', `${step.id} is ${status}, and all it needs was skipped`)
      continue
    }
    const holds = conditionOf(step, accepted.input, final)
    if (holds === false && (hasBegun || status === 'completed'))
      say('conditions-hold', `${step.id} was begun, and its condition does not hold`)
    if (holds !== false && step.when !== undefined && holds === undefined) continue
    if (holds !== false && status === 'skipped' && final.status === 'completed')
      say('conditions-hold', `${step.id} was skipped, and its condition holds`)
  }
}

function conditionOf({ when }: Step, input: JsonObject, { steps }: TaskState): boolean | undefined {
  if (when === undefined) return true
  if (when === 'input.yes') return typeof input.yes === 'boolean' ? input.yes : undefined
  const [, id] = /^steps\.(\w+)\.status == "completed"$/.exec(when) ?? []
  return id === undefined ? undefined : steps[id]!.status === 'completed'
}

/** Each item once, and in its place. */
function checkItems({ id, accepted, turns, final }: TaskStory, { load }: History, say: Report): void {
  const kept = new Map<string, Map<number, JsonValue>>()
  for (const { kept: some = [], dropped = [], before, after } of turns) {
    for (const { stepId, index, outcome } of some) {
      const list = kept.get(stepId) ?? new Map<number, JsonValue>()
      kept.set(stepId, list)
      if (list.has(index)) say('items-once-in-order', `item ${index} of ${stepId} has a second outcome`)
      list.set(
        index,
        'output' in outcome ? outcome.output : ({ error: outcome.error } as unknown as JsonObject),
      )
    }
    for (const stepId of dropped) {
      const now = after!.steps[stepId]!
      const isOver = now.status === 'completed' && before?.steps[stepId]?.status !== 'completed'
      if (!isOver || now.viaFallback) kept.delete(stepId)
    }
  }
  for (const { id: stepId, forEach, agent } of accepted.plan.steps) {
    const { status, output, viaFallback, items } = final.steps[stepId]!
    if (!forEach || status !== 'completed' || viaFallback) continue
    const list = load(output)
    const outcomes = kept.get(stepId)
    if (!Array.isArray(list) || list.length !== (items?.total ?? 0)) {
      say('items-once-in-order', `${stepId} has an output that is not one of its items`)
      continue
    }
    for (const [index, value] of list.entries()) {
      if (!isDeepStrictEqual(value, outcomes?.get(index)))
        say('items-once-in-order', `item ${index} of ${stepId} is not what became of it`)
      const of = (load(value) as JsonObject).of
      if (agent !== undefined && of !== undefined && !String(of).startsWith(`${id}:${stepId}.${index}:`))
        say('items-once-in-order', `item ${index} of ${stepId} is that of ${of}`)
    }
  }
}

function checkSignals({ accepted, turns, final }: TaskStory, say: Report): void {
  const sent = new Set<string>()
  for (const { event } of turns)
    if (event.kind === 'control' && event.body.action === 'signal')
      sent.add(`${event.body.name} ${event.body.id}`)
  const taken = new Set<string>()
  for (const { id, waitFor } of accepted.plan.steps) {
    const { status, output } = final.steps[id]!
    if (!waitFor || status !== 'completed' || output === null || output === undefined) continue
    const signal = (output as { id: string }).id
    if (taken.has(signal)) say('signals-once', `signal ${signal} was delivered twice`)
    taken.add(signal)
    if (!sent.has(`${waitFor.signal} ${signal}`))
      say('signals-once', `${id} has a signal that nobody sent it`)
  }
}

function checkApprovals({ accepted, turns }: TaskStory, say: Report): void {
  const answered = new Set<string>()
  for (const { event, before, after, commands } of turns) {
    if (event.kind !== 'control' || event.body.action !== 'approval' || after === before) continue
    if (commands.some(({ kind }) => kind === 'RecordLate')) continue
    const { stepId, attempt, decision } = event.body
    const asked = before?.steps[stepId]
    if (answered.has(`${stepId}:${attempt}`)) say('approvals-once', `${stepId} was answered twice`)
    answered.add(`${stepId}:${attempt}`)
    if (asked?.status !== 'awaiting-approval' || asked.attempt !== attempt)
      say('approvals-once', `an answer to ${stepId}:${attempt} counts, which is ${asked?.status}`)
    const { status } = after!.steps[stepId]!
    if (status !== (decision === 'approved' ? 'completed' : 'failed'))
      say('approvals-once', `${stepId} was ${decision}, and is ${status}`)
    if (!accepted.plan.steps.find(({ id }) => id === stepId)?.approval)
      say('approvals-once', `${stepId} is no approval`)
  }
}
