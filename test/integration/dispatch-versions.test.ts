import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { z } from 'zod'
import type { Step } from '../../schemas/plan.ts'
import { defineAgent } from '../../services/sdk/define-agent.ts'
import { done } from '../../services/sdk/outcome.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// Two versions of an agent side by side, on real processes.

const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '2' })
let orchestrator = await startOrchestrator()
const bus = await openBus(t, servers.natsUrl)
const began = { old: 0, new: 0 }
async function startAgent(name: 'old' | 'new', version: string, capabilities = ''): Promise<ChildProcess> {
  const env = { STEERED_VERSION: version, ...(capabilities && { STEERED_CAPABILITIES: capabilities }) }
  const agent = await startService(t, servers, 'test/support/steered-agent.ts', env)
  agent.on('message', (message) => {
    if ((message as { kind: string }).kind === 'began') began[name]++
  })
  return agent
}
const submission = (about: Partial<Step> = {}) => ({
  type: 'plan',
  plan: { steps: [{ id: 'a', agent: 'steered', input: { mode: 'quick' }, ...about }] },
})
const submit = async (about: Partial<Step> = {}): Promise<string> => {
  const answer = await bus.request(SERVICES.submitTask, submission(about), { timeoutMs: 10_000 })
  return (answer as { taskId: string }).taskId
}
const known = async (count: number) => {
  const { agents } = await bus.call('listAgents', {}, { timeoutMs: 5000 })
  return agents.filter(({ queue, status }) => queue !== undefined && status === 'ready').length === count
}
const counted = () => ({ ...began })

await startAgent('old', '1.4.0')
await until('the old one is known', () => known(1))

t.test('a range that is none is refused, and says what would be one', async (t) => {
  await t.rejects(submit({ agent: 'steered@latest' }), {
    code: 'INVALID_SUBMISSION',
    message: /"steered@latest": after "@" comes a range of versions, such as \^2/,
  })
  await t.rejects(submit({ agent: 'steered@^1', version: '^2' }), { message: /names versions twice/ })
  await t.rejects(submit({ requires: ['no spaces'] }), { code: 'INVALID_SUBMISSION' })
})

t.test('a step of which no instance lives waits, and says for what; a plan says so before', async (t) => {
  const notes: string[] = []
  const unsubscribe = bus.subscribe('tasks.events.plan.*.progress', ({ data }) =>
    notes.push(JSON.parse(Buffer.from(data).toString()).note),
  )
  const check = await bus.call('checkPlan', submission({ agent: 'steered@^2', requires: ['gpu'] }), {
    timeoutMs: 5000,
  })
  t.match(check.plan.steps[0], { agent: 'steered', version: '^2', requires: ['gpu'] })
  t.strictSame(check.warnings, [
    'step "a" waits for an instance of steered of version ^2 with gpu: there are instances of version 1.4.0',
  ])
  const waiting = await Promise.all([
    submit({ agent: 'steered@^2', requires: ['gpu'] }),
    submit({ version: '^2' }),
  ])
  await until('it is told', () => notes.length === 2)
  t.ok(notes.every((note) => /^waits for an instance of steered of version \^2.*is not in \^2/.test(note)))
  unsubscribe()
  t.equal((await endOfTask(bus, await submit())).status, 'completed', 'others do not wait for it')
  const before = counted()
  await startAgent('new', '2.0.0', 'gpu')
  const ends = await Promise.all(waiting.map((id) => endOfTask(bus, id)))
  t.strictSame(
    ends.map(({ status }) => status),
    ['completed', 'completed'],
  )
  t.strictSame({ old: began.old - before.old, new: began.new - before.new }, { old: 0, new: 2 })
})

t.test('each gets what asks for it, and nothing else', async (t) => {
  await until('both are known', () => known(2))
  const before = counted()
  const ids = await Promise.all(
    Array.from({ length: 40 }, (_, i) => submit({ agent: i % 4 === 0 ? 'steered@2.x' : 'steered@~1.4' })),
  )
  await Promise.all(ids.map((id) => endOfTask(bus, id)))
  t.strictSame({ old: began.old - before.old, new: began.new - before.new }, { old: 30, new: 10 })
})

t.test('a canary gets its share of steps that name no version', async (t) => {
  await bus.call(
    'setAgentPolicy',
    { agent: 'steered', set: { versions: { '1.x': 9, '2.x': 1 } } },
    { timeoutMs: 5000 },
  )
  const before = counted()
  // Few enough at a time that both have room: a version without room passes its turn on.
  for (let i = 0; i < 50; i++) {
    const ids = await Promise.all([submit(), submit()])
    await Promise.all(ids.map((id) => endOfTask(bus, id)))
  }
  t.strictSame({ old: began.old - before.old, new: began.new - before.new }, { old: 90, new: 10 })
})

t.test('after a restart of the orchestrator a step that is handed back still goes to its kind', async (t) => {
  await bus.call('setAgentPolicy', { agent: 'steered', unset: ['versions'] }, { timeoutMs: 5000 })
  const second = await startAgent('new', '2.1.0', 'gpu,big')
  await until('all are known', () => known(3))
  const began2 = new Promise<void>((resolve) => second.once('message', () => resolve()))
  const id = await submit({ agent: 'steered@~2.1', requires: ['gpu'], input: { mode: 'hold' } })
  await began2
  orchestrator.kill('SIGKILL')
  second.kill('SIGKILL')
  orchestrator = await startOrchestrator()
  const before = counted()
  // It has to wait for its kind: nobody else gets it, though two are free.
  await until('the dead one is forgotten', () => known(2), 20_000)
  const others = await Promise.all([submit(), submit({ version: '2.0.0' })])
  await Promise.all(others.map((each) => endOfTask(bus, each)))
  const third = await startAgent('new', '2.1.3', 'gpu')
  const taken = new Promise<void>((resolve) => third.once('message', () => resolve()))
  await taken
  third.send('finish')
  t.match(await endOfTask(bus, id), { status: 'completed', steps: { a: { attempt: 1 } } })
  t.equal(began.old + began.new - before.old - before.new, 3, 'each began once')
})

t.test('the step of docs/dispatch.md goes to an instance of version 2 with gpu', async (t) => {
  const page = readFileSync(new URL('../../docs/dispatch.md', import.meta.url), 'utf8')
  const [, block = ''] = /```json\n(\{ "id": "read".*?\})\n```/s.exec(page) ?? []
  const step = JSON.parse(block) as Step
  t.match(step, { agent: 'ocr@^2', requires: ['gpu'] })
  const ocr = (version: string, capabilities: string[]) =>
    startAgents(
      t,
      servers.natsUrl,
      [
        defineAgent({
          ...{ name: 'ocr', version, capabilities },
          input: z.object({ page: z.int() }),
          output: z.object({ by: z.string(), page: z.int() }),
          handle: async ({ page }) => done({ by: `${version} ${capabilities.join()}`, page }),
        }),
      ],
      { instance: `v${version.replaceAll('.', '-')}${capabilities.join('')}` },
    )
  await ocr('1.9.0', ['gpu'])
  await ocr('2.1.0', [])
  await ocr('2.3.0', ['gpu'])
  const ocrs = async () => {
    const { agents } = await bus.call('listAgents', {}, { timeoutMs: 5000 })
    return agents.filter(({ type, queue }) => type === 'ocr' && queue !== undefined).length
  }
  await until('all three are known', async () => (await ocrs()) === 3)
  for (let i = 0; i < 3; i++) {
    const { taskId } = (await bus.request(
      SERVICES.submitTask,
      { type: 'plan', plan: { steps: [step] } },
      { timeoutMs: 10_000 },
    )) as { taskId: string }
    const task = await endOfTask(bus, taskId)
    t.match(task.steps.read, {
      output: { by: '2.3.0 gpu', page: 1 },
      placement: { instance: 'v2-3-0gpu-ocr', candidates: [{ version: '2.3.0' }] },
    })
    t.match(task.steps.read?.placement?.leftOut?.map(({ because }) => because).toSorted(), [
      'it has no "gpu"',
      'its version 1.9.0 is not in ^2',
    ])
  }
})
