import { Bus } from '../../../services/platform/nats/bus.ts'
import { SERVICES } from '../../../subjects/operations.ts'
import { parseTaskEventSubject } from '../../../subjects/subjects.ts'
import { type StepData, serveTasks } from '../line-protocol.ts'

const REQUEST_TIMEOUT_MS = 60_000
const bus = await Bus.connect({ url: process.env.MURMUR_NATS_URL!, name: 'bench-peers' })

const step = (id: string, needs: string[], from: string) => ({
  id,
  agent: `noop-${id}`,
  needs,
  input: { payload: { $from: `${from}.payload` }, holdMs: { $from: `${from}.holdMs` } },
})
const plan = {
  steps: [step('a', [], 'input'), step('b', ['a'], 'steps.a.output'), step('c', ['b'], 'steps.b.output')],
}

interface TaskAnswer {
  task: { output?: { c?: StepData }; error?: { message: string } }
}

/** Its end may be heard of before the receipt. */
const ends = new Map<string, { isEnded?: boolean; wake?: () => void }>()
for (const kind of ['completed', 'failed', 'cancelled'])
  bus.subscribe(`tasks.events.plan.*.${kind}`, ({ subject }) => {
    const { taskId } = parseTaskEventSubject(subject)!
    const end = ends.get(taskId)
    if (end?.wake) end.wake()
    else ends.set(taskId, { isEnded: true })
  })

serveTasks(async (_, input) => {
  const body = JSON.stringify({ type: 'plan', input, plan })
  const receipt = await bus.request(SERVICES.submitTask, body, { timeoutMs: REQUEST_TIMEOUT_MS })
  const { taskId } = receipt as { taskId: string }
  if (!ends.get(taskId)?.isEnded) await new Promise<void>((wake) => ends.set(taskId, { wake }))
  ends.delete(taskId)
  const request = JSON.stringify({ taskId })
  const answer = await bus.request(SERVICES.getTask, request, { timeoutMs: REQUEST_TIMEOUT_MS })
  const { output, error } = (answer as TaskAnswer).task
  if (!output?.c) throw new Error(error?.message ?? 'no output')
  return output.c
})
