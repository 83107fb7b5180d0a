import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { Plan, RetryPolicy, Step } from '#schemas/plan.ts'
import type { Dice } from '../chaos/campaign/dice.ts'

export const SIGNAL_NAMES = ['go', 'stop'] as const
const MAX_DEPTH = 2

/** Any legal plan with steps of every kind, down to the plans of child tasks. Agents answer as simulated-agents.ts says. */
export function drawPlan(dice: Dice, depth = 0): Plan {
  const count = dice.between(1, depth === 0 ? 8 : 3)
  const steps: Step[] = []
  for (let at = 0; at < count; at++) steps.push(drawStep(dice, { at, depth, before: steps }))
  return {
    steps: dice.happens(0.3) ? steps.toReversed() : steps,
    ...(dice.happens(0.3) && { compensationTimeoutMs: dice.between(20, 20_000) }),
  }
}

function drawStep(
  dice: Dice,
  { at, depth, before }: { at: number; depth: number; before: readonly Step[] },
): Step {
  const needs = before.filter(() => dice.happens(0.4)).map(({ id }) => id)
  const common = {
    id: `s${at}`,
    ...(needs.length > 0 && { needs }),
    ...(dice.happens(0.45) && { onFailure: 'continue' as const }),
    ...(dice.happens(0.25) && { when: drawCondition(dice, needs) }),
  }
  const child = depth < MAX_DEPTH ? (depth === 0 ? 2 : 1) : 0
  const kind = dice.weighted({ agent: 8, task: child, sleep: 1, waitFor: 1.5, approval: 1 })
  if (kind === 'sleep') return { ...common, sleep: { ms: dice.between(1, dice.pick([50, 5000, 50_000])) } }
  if (kind === 'waitFor') return { ...common, waitFor: drawWait(dice) }
  if (kind === 'approval') return { ...common, approval: drawApproval(dice) }
  const many = dice.weighted({ no: 6, each: 2, loop: 1.5 })
  const work =
    kind === 'task'
      ? {
          task: {
            type: 'plan',
            input: { yes: dice.happens(0.6), list: [2, 1] },
            plan: drawPlan(dice, depth + 1) as unknown as JsonObject,
            ...(dice.happens(0.3) && { deadlineMs: dice.between(100, 30_000) }),
          },
        }
      : {
          agent: dice.pick(['a', 'b', 'c']),
          input: drawInput(dice, needs, many),
          ...(dice.happens(0.2) && { queueTimeoutMs: dice.between(0, 3000) }),
        }
  return {
    ...common,
    ...work,
    ...(many === 'each' && { forEach: drawList(dice, needs) }),
    ...(many === 'loop' && {
      repeat: {
        until: dice.pick(['has(output.n) && output.n > 3', 'iteration >= 2', 'input.yes']),
        maxIterations: dice.between(1, 4),
        delayMs: dice.between(0, 300),
      },
    }),
    ...(dice.happens(0.7) && { retry: drawRetry(dice) }),
    ...((kind === 'agent' || dice.happens(0.3)) && { timeoutMs: dice.between(20, 4000) }),
    ...(dice.happens(0.25) && { fallback: drawInstead(dice, 'instead') }),
    ...(dice.happens(0.35) && { compensate: drawInstead(dice, 'undo') }),
  } as Step
}

function drawInput(dice: Dice, needs: readonly string[], many: string): JsonValue {
  const input: JsonObject = { task: { $from: 'input.yes' } }
  if (needs.length > 0) input.before = { $from: `steps.${dice.pick(needs)}.output.n` }
  if (many === 'each') Object.assign(input, { item: { $from: 'item' }, index: { $from: 'index' } })
  if (many === 'loop') input.iteration = { $from: 'iteration' }
  return input
}

function drawCondition(dice: Dice, needs: readonly string[]): string {
  if (needs.length === 0 || dice.happens(0.15)) return 'input.yes'
  const need = `steps.${dice.pick(needs)}`
  return dice.happens(0.5)
    ? `${need}.status == "completed"`
    : `${need}.output != null && has(${need}.output.n) && ${need}.output.n > 1`
}

function drawList(dice: Dice, needs: readonly string[]): Step['forEach'] {
  const length = dice.between(0, 9)
  const items =
    needs.length > 0 && dice.happens(0.7)
      ? { $from: `steps.${dice.pick(needs)}.output.list` }
      : dice.happens(0.2)
        ? { $from: 'input.list' }
        : Array.from({ length }, (_, i) => i * 10)
  return {
    items,
    concurrency: dice.between(1, 4),
    onItemFailure: dice.pick(['fail', 'continue']),
  }
}

function drawWait(dice: Dice): Step['waitFor'] {
  return {
    signal: dice.pick(SIGNAL_NAMES),
    ...(dice.happens(0.8) && { timeoutMs: dice.between(1, 20_000) }),
    onTimeout: dice.pick(['fail', 'continue']),
  }
}

function drawApproval(dice: Dice): Step['approval'] {
  return {
    title: 'May it?',
    ...(dice.happens(0.8) && { timeoutMs: dice.between(1, 20_000) }),
    onTimeout: dice.pick(['fail', 'approve', 'reject']),
    ...(dice.happens(0.5) && { escalation: [{ afterMs: dice.between(1, 8000), assignees: ['boss'] }] }),
  }
}

function drawRetry(dice: Dice): RetryPolicy {
  return {
    maxAttempts: dice.between(1, 4),
    initialDelayMs: dice.between(0, 500),
    maxDelayMs: dice.between(0, 1000),
    factor: dice.pick([1, 2, 3.5]),
    ...(dice.happens(0.2) && { byCode: { STEP_TIMEOUT: { maxAttempts: dice.between(1, 5) } } }),
  }
}

function drawInstead(dice: Dice, agent: string): NonNullable<Step['fallback']> {
  return {
    agent,
    input: agent === 'undo' ? { of: { $from: 'output' } } : { why: { $from: 'error' } },
    ...(dice.happens(0.7) && { retry: drawRetry(dice) }),
    timeoutMs: dice.between(20, 4000),
  }
}
