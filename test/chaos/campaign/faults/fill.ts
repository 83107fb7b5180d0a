import type { JsonObject } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import type { Clients } from '../clients.ts'
import type { PlannedTask, StepOrder } from '../planned-task.ts'
import { ABSENT_AGENT } from '../random-load.ts'

const MAX = 110
/** Refused so often one after the other: it is full. */
const REFUSALS = 6
const BULK_CHARACTERS = 200_000
const FILLER_DEADLINE_MS = 12_000

/** Work for an agent that is not there, until no more is taken. */
export function fillSteps(clients: Clients): Promise<void> {
  const step: Step = {
    id: 's0',
    agent: ABSENT_AGENT,
    input: { bulk: 'x'.repeat(BULK_CHARACTERS) },
  }
  return fill(clients, (op) => ({
    kind: 'filler',
    submission: { type: 'plan', plan: { steps: [step] }, labels: { op }, deadlineMs: FILLER_DEADLINE_MS },
  }))
}

/** Tasks whose inputs fill the log, and nothing else, until no more are taken. Each of them completes. */
export function fillLog(clients: Clients): Promise<void> {
  const order: StepOrder = {
    salt: 7,
    values: [],
    workMs: 1,
    behaviour: 'compute',
    succeedsAt: 1,
    padding: 0,
  }
  const step: Step = { id: 's0', agent: 'alpha', input: order as unknown as JsonObject }
  const input = { bulk: 'x'.repeat(BULK_CHARACTERS) }
  return fill(clients, (op) => ({
    kind: 'tight',
    submission: {
      type: 'plan',
      plan: { steps: [step] },
      input,
      labels: { op },
      deadlineMs: 2 * FILLER_DEADLINE_MS,
    },
  }))
}

async function fill(
  clients: Clients,
  make: (op: string) => Pick<PlannedTask, 'kind' | 'submission'>,
): Promise<void> {
  let refusals = 0
  for (let i = 0; i < MAX && refusals < REFUSALS; i++) {
    const op = `fill-${i}`
    const accepted = await clients.submitOnce({ op, atMs: 0, via: 'request', idealEndMs: 0, ...make(op) })
    refusals = accepted ? 0 : refusals + 1
  }
}
