import type { Plan } from '../../../schemas/plan.ts'
import { findScenario } from '../../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../../services/agents/video/scenes/scenarios/scenario-renderer.ts'
import type { Bus } from '../../../services/platform/nats/bus.ts'
import { SERVICES } from '../../../subjects/operations.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import { endOfTask } from '../../support/services.ts'

const REQUEST_MS = 20_000
const ROUNDS = 12
const SCENE = { scenario: 'intruder', seed: 1 }
const PICTURES = { width: 960, height: 540, fps: 10 }

/** Calls that open a circuit breaker are not waited for: who is behind it waits. */
const AWAY = 60
const SOON = 1000

const retried = { maxAttempts: 3, initialDelayMs: 10 }
const PLANS: readonly Plan[] = [
  {
    steps: [
      { id: 'a', agent: 'worker', input: { ms: 20 } },
      { id: 'b', agent: 'worker', input: { ms: 5 }, needs: ['a'] },
    ],
  },
  { steps: [{ id: 'a', agent: 'flaky', input: {}, retry: retried }] },
  { steps: [{ id: 'a', agent: 'broken', input: {} }] },
]

/** What went in, for assertions about what came out. */
export interface LoadDone {
  completed: number
  failed: number
}

/**
 * Something of everything: tasks that end well, that are tried again, that fail and that are cancelled; submissions that are refused,
 * over REST and NATS; a report; a schedule, keys, a broken message, an agent whose circuit breaker opens.
 */
export async function putLoad(bus: Bus, restUrl: string): Promise<LoadDone> {
  const done: LoadDone = { completed: 0, failed: 0 }
  const report = post(restUrl, {
    type: 'report',
    input: { title: 'May', sources: [{ name: 'notes.md', text: '# May\nSales rose by 4 %.' }] },
  })
  const away: Plan = { steps: [{ id: 'a', agent: 'away', input: {}, retry: retried }] }
  await Promise.all([
    ...Array.from({ length: AWAY }, () => post(restUrl, { type: 'plan', plan: away, input: {} })),
    bus.publisher.publish(SUBJECTS.step('worker', 1), 'this is no step', { msgId: 'no-step' }),
    bus.call('putSchedule', {
      ...{ name: 'each-second', everyMs: SOON, overlap: 'skip' },
      submission: { type: 'plan', plan: PLANS[0]!, input: {} },
    }),
    ...[1, 2].map(() =>
      post(restUrl, { type: 'plan', plan: PLANS[0], input: {}, singleton: { key: 'only-one' } }),
    ),
  ])
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await Promise.all(
      [...PLANS, ...PLANS].map((plan) => post(restUrl, { type: 'plan', plan, input: {} })),
    )
    const over = await bus.request(
      SERVICES.submitTask,
      { type: 'plan', plan: PLANS[0], input: {} },
      { timeoutMs: REQUEST_MS },
    )
    const ids = [...answers.map(({ body }) => body.taskId!), (over as { taskId: string }).taskId]
    await Promise.all([
      refuse(restUrl, bus),
      fetch(`${restUrl}/v1/tasks?limit=5`),
      fetch(`${restUrl}/v1/status`),
      cancel(restUrl),
    ])
    for (const { status } of await Promise.all(ids.map((id) => endOfTask(bus, id))))
      done[status === 'completed' ? 'completed' : 'failed']++
  }
  await endOfTask(bus, (await report).body.taskId!, 60_000)
  return done
}

/** A rendered scene at its own pace, with an alert. @returns the id of the monitor's task */
export async function startMonitor(bus: Bus): Promise<string> {
  const { watch } = createScenarioRenderer(findScenario(SCENE.scenario)!, { ...PICTURES, seed: SCENE.seed })
  const input = {
    source: { kind: 'scene', ...SCENE },
    camera: 'gate',
    pace: 'live',
    zones: [...watch.zones],
    lines: [...watch.lines],
    rules: [...watch.rules],
  }
  const receipt = await bus.request(
    SERVICES.submitTask,
    { type: 'monitor', input },
    { timeoutMs: REQUEST_MS },
  )
  return (receipt as { taskId: string }).taskId
}

async function refuse(restUrl: string, bus: Bus): Promise<void> {
  await Promise.all([
    post(restUrl, { type: 'plan', plan: { steps: [] }, input: {} }),
    post(restUrl, {
      type: 'plan',
      plan: { steps: [{ id: 'a', agent: 'nobody', input: {} }] },
      input: {},
    }),
    fetch(`${restUrl}/v1/tasks/none`),
    bus
      .request(SERVICES.submitTask, { type: 'plan', plan: {} }, { timeoutMs: REQUEST_MS })
      .catch(() => undefined),
  ])
}

async function cancel(restUrl: string): Promise<void> {
  const plan: Plan = { steps: [{ id: 'a', agent: 'worker', input: { ms: 5000 } }] }
  const { body } = await post(restUrl, { type: 'plan', plan, input: {} })
  await fetch(`${restUrl}/v1/tasks/${body.taskId}/cancel`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
}

async function post(
  restUrl: string,
  body: object,
): Promise<{ status: number; body: { taskId?: string; code?: string } }> {
  const answer = await fetch(`${restUrl}/v1/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as { taskId?: string } }
}
