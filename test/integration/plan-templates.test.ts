import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import { runInProcess } from '../cli/run-in-process.ts'
import { missingLines, readExamples } from '../edge/examples/read-examples.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, serverEnv, startService } from '../support/services.ts'
import { ROOT } from '../support/source-files.ts'
import { until } from '../support/until.ts'

// Templates on real services, and the examples of docs/templates.md as a user types them.

const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '2' })
let orchestrator = await startOrchestrator()
await startService(t, servers, 'services/agents/report/ingest/main.ts')
await startService(t, servers, 'services/agents/report-agents.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())
const folder = mkdtempSync(join(tmpdir(), 'murmur-templates-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** A command line of the document as words: quotes hold what is between them together. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
}

t.test('the examples of docs/templates.md', async (t) => {
  const page = readFileSync(join(ROOT, 'docs/templates.md'), 'utf8')
  for (const [, file = '', body = ''] of page.matchAll(
    /^`([\w-]+\.json)`[^\n]*\n\n```json\n([\s\S]*?)^```$/gm,
  ))
    writeFileSync(join(folder, file), body)
  const examples = readExamples(page)
  t.ok(examples.length >= 9)
  for (const { command, line, answer } of examples) {
    const [program, ...args] = wordsOf(command.trim())
    t.equal(program, 'murmur', `line ${line}`)
    const env = { PATH: process.env.PATH, ...serverEnv(servers), NO_COLOR: '1', HOME: folder }
    const { out, err } = await runInProcess(args, { folder, env })
    const told = answer?.kind === 'text' ? answer.lines : []
    t.ok(told.length > 0, `line ${line} says what comes of it`)
    const got = `${out}\n${err}`.split('\n').map((one) => one.trimEnd())
    t.strictSame(missingLines(told, got), [], `line ${line}: ${command.trim()}\n${out}${err}`)
  }
})

const plan = (payload: string) => ({
  steps: [
    { id: 'a', agent: 'noop-a', input: { payload } },
    { id: 'b', agent: 'noop-b', needs: ['a'], input: { payload: { $from: 'input.payload' } } },
  ],
})
const put = (payload: string) =>
  bus.call('putTemplate', {
    name: 'own',
    parameters: { payload: { type: 'string', default: 'none' } },
    plan: plan(payload),
  })
const submit = async (about: object) =>
  (await bus.call('submitTask', { type: 'plan', ...about }, { timeoutMs: 10_000 })).taskId

t.test(
  'a task that runs keeps its own, whatever becomes of the template, Redis and the orchestrator',
  async (t) => {
    await put('first')
    await bus.call('setAgentPolicy', { agent: 'noop-a', set: { paused: true } }, { timeoutMs: 10_000 })
    const taskId = await submit({ template: 'own', input: { payload: 'x' } })
    await put('second')
    await bus.call('deleteTemplate', { name: 'own', version: 1 })
    await redis.flushall()
    orchestrator.kill('SIGKILL')
    await until('it is gone', () => orchestrator.signalCode !== null)
    orchestrator = await startOrchestrator()
    await bus.call('setAgentPolicy', { agent: 'noop-a', unset: ['paused'] }, { timeoutMs: 10_000 })
    const task = await endOfTask(bus, taskId, 60_000)
    t.match(task, { status: 'completed', template: 'own@1', input: { payload: 'x' } })
    t.match(task.steps, { a: { output: { payload: 'first' } }, b: { output: { payload: 'x' } } })
    const next = await endOfTask(bus, await submit({ template: 'own' }))
    t.match(next, {
      template: 'own@2',
      input: { payload: 'none' },
      steps: { a: { output: { payload: 'second' } } },
    })
  },
)

t.test(
  'under one key the same submission is the same task, also when there is a newer version',
  async (t) => {
    const submission = { template: 'own', idempotencyKey: 'once', input: { payload: 'k' } }
    const taskId = await submit(submission)
    await put('third')
    t.equal(await submit(submission), taskId)
    t.match(await endOfTask(bus, taskId), { template: 'own@2' })
  },
)

t.test('by the durable queue: made of it, or refused with a reason', async (t) => {
  const ack = await bus.request(
    'tasks.submit.plan',
    { template: 'own@3', input: { payload: 'q' } },
    { timeoutMs: 5000 },
  )
  const outcomeOf = async (seq: number) => bus.call('getSubmission', { seq })
  const first = (ack as { seq: number }).seq
  await until('it is taken from the queue', async () => (await outcomeOf(first)).status !== 'waiting')
  const accepted = await outcomeOf(first)
  t.equal(accepted.status, 'accepted')
  if (accepted.status === 'accepted')
    t.match(await endOfTask(bus, accepted.taskId), { status: 'completed', template: 'own@3' })
  const bad = await bus.request('tasks.submit.plan', { template: 'own@77' }, { timeoutMs: 5000 })
  const { seq } = bad as { seq: number }
  await until('it is refused', async () => (await outcomeOf(seq)).status === 'rejected')
  t.match(await outcomeOf(seq), { error: { code: 'TEMPLATE_NOT_FOUND' } })
})
