import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChannelCredentials } from '@grpc/grpc-js'
import { Redis } from 'ioredis'
import t from 'tap'
import type { StepMessage } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { SERVICES } from '#subjects/operations.ts'
import { STREAMS } from '#subjects/streams.ts'
import { partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { TaskServiceClient } from '../../services/edge/grpc/generated/v1/task_service.ts'
import { FolderStore } from '../../services/platform/storage/folder-store.ts'
import { startMurmur } from '../cli/run-murmur.ts'
import { archiveLevel } from '../support/archive-level.ts'
import { openBus, openNats } from '../support/bus.ts'
import { everythingKept, placesOf } from '../support/kept-payloads.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService, stopChild } from '../support/services.ts'
import { until } from '../support/until.ts'

/** What every payload of this file has in it. Of a length that base64 has no rest of. */
const MARKER = 'zQmarkerOfAPayload7Kx'
const PARTITIONS = 2
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Redis(servers.redisUrl)
t.teardown(() => redis.disconnect())
const folder = mkdtempSync(join(tmpdir(), 'murmur-payloads-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const keyFile = join(folder, 'payload-keys')
const lineOf = (id: string) => `${id} * ${randomBytes(32).toString('base64')}\n`
const firstKey = lineOf('first')
writeFileSync(keyFile, firstKey)
const platformKeys = join(folder, 'platform-keys')
writeFileSync(platformKeys, `2020-01-01T00:00:00Z ${randomBytes(32).toString('base64url')}\n`)
const archive = join(folder, 'archive')
const env = {
  MURMUR_ARCHIVE: archive,
  MURMUR_ARCHIVE_SEGMENT_MS: '200',
  MURMUR_PAYLOAD_KEYS: keyFile,
  MURMUR_PLATFORM_KEYS: platformKeys,
  MURMUR_PARTITIONS: String(PARTITIONS),
}
const startOrchestrator = (more: Record<string, string> = {}) =>
  startService(t, servers, 'services/orchestrator/main.ts', { ...env, ...more })
const startAgent = (more: Record<string, string> = {}) =>
  startService(t, servers, 'test/support/marking-agent.ts', { MURMUR_PAYLOAD_KEYS: keyFile, ...more })
let orchestrator = await startOrchestrator()
const edge = await startService(t, servers, 'services/edge/main.ts', env)
let agent = await startAgent()

const ask = (subject: string, body: object) => bus.request(subject, body, { timeoutMs: 5000 })
const url = `http://127.0.0.1:${factsOf(edge).restPort}`
const rest = async (path: string, init?: RequestInit) => {
  const answer = await fetch(url + path, init)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const post = (path: string, body: object) =>
  rest(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const stateOf = async (taskId: string) =>
  ((await ask(SERVICES.getTask, { taskId })) as { task: TaskState }).task
const submit = async (plan: object, input: object = {}) => {
  const { body } = await post('/v1/tasks', { type: 'plan', plan, input })
  return String(body.taskId)
}

const placesOfMarker = () => placesOf(MARKER, { jsm, redis, archive })
const allArchived = async () => (await archiveLevel(bus, new FolderStore(archive), PARTITIONS)).isAll

t.test('what is looked for is found where it lies as it is, in any form', async (t) => {
  for (const [i, text] of [
    MARKER,
    ...[0, 1, 2].map((n) => Buffer.from(`${'y'.repeat(n)}${MARKER}z`).toString('base64')),
  ].entries())
    await bus.publisher.publish(SUBJECTS.dead('scan'), JSON.stringify({ text }), { msgId: `scan ${i}` })
  await redis.set('scan', Buffer.from(MARKER).toString('hex'))
  const places = await placesOfMarker()
  t.equal(places.length, 5, places.join(', '))
  await redis.del('scan')
  await jsm.streams.purge(STREAMS.dead.name)
  t.strictSame(await placesOfMarker(), [])
})

const PLAN = {
  steps: [
    { id: 'first', agent: 'echo', input: { text: `literal ${MARKER}` } },
    { id: 'large', agent: 'echo', input: { text: { $from: 'input.text' }, copies: 2000 } },
    { id: 'again', agent: 'echo', needs: ['large'], input: { text: { $from: 'steps.large.output.text' } } },
    {
      id: 'list',
      agent: 'echo',
      forEach: { items: { $from: 'input.items' } },
      input: { text: { $from: 'item' } },
    },
    { id: 'fails', agent: 'failing', input: { text: { $from: 'input.text' } }, onFailure: 'continue' },
    { id: 'asks', waitFor: { signal: 'go', timeoutMs: 60_000 } },
    {
      id: 'decides',
      needs: ['asks'],
      when: `steps.asks.output.payload.text == "${MARKER}"`,
      approval: { title: `Is ${MARKER} right?`, subject: { $from: 'input.text' }, timeoutMs: 60_000 },
    },
    {
      id: 'child',
      task: {
        type: 'plan',
        plan: { steps: [{ id: 'inner', agent: 'echo', input: { text: `child ${MARKER}` } }] },
      },
    },
  ],
  output: { first: { $from: 'steps.first.output.text' }, again: { $from: 'steps.again.output.text' } },
}
const INPUT = { text: MARKER, items: [`a ${MARKER}`, `b ${MARKER}`, 'c'] }

t.test(
  'a task from its submission to its end: nothing of its payload is kept as it is, and who may reads all of it',
  async (t) => {
    const upload = await fetch(`${url}/v1/objects`, {
      method: 'POST',
      body: `object ${MARKER}`,
      headers: { 'content-type': 'text/plain' },
    })
    const { object } = (await upload.json()) as { object: { blob: string } }
    t.match(object, { blob: /^uploads\// })
    const taskId = await submit(PLAN, INPUT)
    await until('it waits for a signal', async () => {
      const { steps } = await stateOf(taskId)
      return ['first', 'again', 'list', 'child', 'fails'].every((id) =>
        /completed|failed/.test(steps[id]!.status),
      )
    })
    t.strictSame(await placesOfMarker(), [], 'while it runs')
    await post(`/v1/tasks/${taskId}/signals`, { name: 'go', id: '1', payload: { text: MARKER } })
    await until('it asks', async () => (await stateOf(taskId)).steps.decides!.status === 'awaiting-approval')
    t.strictSame(await placesOfMarker(), [], 'while it asks')
    await ask(SERVICES.answerApproval, {
      taskId,
      stepId: 'decides',
      decision: 'approved',
      by: 'anna',
      comment: `yes, ${MARKER}`,
    })
    const task = await endOfTask(bus, taskId)
    await until('it is archived', allArchived)
    t.strictSame(await placesOfMarker(), [], 'when it has ended')
    t.match(task, {
      status: 'completed',
      input: INPUT,
      output: { first: `literal ${MARKER}` },
      steps: {
        fails: { error: { code: 'NO_LUCK', message: `it did not work out: ${MARKER}` } },
        list: { output: [{ text: `a ${MARKER}` }, { text: `b ${MARKER}` }, { text: 'c' }] },
        decides: { output: { comment: `yes, ${MARKER}` } },
      },
    })
    const kept = await everythingKept({ jsm, redis, archive })
    t.ok(
      kept.filter(({ text }) => text.includes(taskId)).length > 5,
      'what was looked through has the task in it',
    )
    t.ok(
      kept.some(({ where }) => where.startsWith('OBJ_')),
      'and objects',
    )
    t.ok(
      kept.some(({ where, text }) => where.startsWith('archive segments') && text.includes(taskId)),
      'and the archive',
    )

    const { body } = await rest(`/v1/tasks/${taskId}`)
    t.match(body, { task: { input: INPUT, output: { first: `literal ${MARKER}` } } }, 'REST')
    t.equal(await (await fetch(`${url}/v1/objects/${object.blob}`)).text(), `object ${MARKER}`, 'an object')
    const { body: result } = await rest(`/v1/tasks/${taskId}/result`)
    t.match(JSON.stringify(result), `literal ${MARKER}`, 'its result')
    const grpc = new TaskServiceClient(
      `127.0.0.1:${factsOf(edge).grpcPort}`,
      ChannelCredentials.createInsecure(),
    )
    t.teardown(() => grpc.close())
    const overGrpc = await new Promise<unknown>((resolve, reject) =>
      grpc.getTask({ taskId }, (error, answer) => (error ? reject(error) : resolve(answer))),
    )
    t.match(JSON.stringify(overGrpc), `literal ${MARKER}`, 'gRPC')
    const shown = startMurmur(['show', taskId, '--json'], {
      cwd: folder,
      env: { ...process.env, MURMUR_EDGE_URL: url },
    })
    t.equal(await shown.ended, 0, shown.err())
    t.match(shown.out(), `literal ${MARKER}`, 'the command line')
  },
)

t.test(
  'what waits: a schedule, a template, a debounced submission, a step that nobody takes, a refused submission',
  async (t) => {
    const plan = { steps: [{ id: 'only', agent: 'echo', input: { text: MARKER } }] }
    await ask(SERVICES.putSchedule, {
      name: 'nightly',
      cron: '0 3 * * *',
      submission: { type: 'plan', plan },
    })
    await ask(SERVICES.putTemplate, { name: 'marked', plan })
    await ask(SERVICES.submitTask, {
      type: 'plan',
      plan,
      debounce: { key: 'one', delayMs: 60_000, maxDelayMs: 60_000 },
    })
    await ask(SERVICES.registerAgent, { type: 'absent', instance: 'absent-1' })
    const taskId = await submit({ steps: [{ id: 'only', agent: 'absent', input: { text: MARKER } }] })
    const steps = () => bus.streams.lastMessage(STREAMS.steps.name, SUBJECTS.step('absent', 2))
    await until('the step is in its queue', async () => (await steps()) !== undefined)
    const bad = JSON.stringify({
      type: 'plan',
      plan: { steps: [{ id: 'x', agent: 'echo', needs: [MARKER.toLowerCase()] }] },
      [MARKER]: 1,
    })
    await bus.publisher.publish('tasks.submit.plan', bad, { msgId: 'bad' })
    await until('it is refused', async () => {
      const { status } = (await ask(SERVICES.getSubmission, { messageId: 'bad' })) as { status: string }
      return status === 'rejected'
    })
    t.strictSame(await placesOfMarker(), [])
    const step = JSON.parse(Buffer.from((await steps())!.data).toString()) as StepMessage
    t.match(step, { taskId, agent: 'absent', sealed: true, input: /^first\.[\w-]+$/ })
    t.match(await ask(SERVICES.getSchedule, { name: 'nightly' }), { schedule: { submission: { plan } } })
    t.match(await ask(SERVICES.getTemplate, { name: 'marked' }), { template: { plan } })
    await ask(SERVICES.cancelTask, { taskId })
  },
)

t.test('a stored state that was moved or changed is refused, and made again from the log', async (t) => {
  const rest = { steps: [{ id: 'rest', sleep: { ms: 3000 } }] }
  const [one, other] = [
    await submit(rest, { text: `one ${MARKER}` }),
    await submit(rest, { text: `other ${MARKER}` }),
  ]
  await Promise.all([one, other].map(stateOf))
  await stopChild(orchestrator)
  const key = (id: string, what: string) => `murmur:{p${partitionOf(id, PARTITIONS)}}:${what}:${id}`
  const definition = (await redis.get(key(one, 'definition')))!
  t.match(definition, /^\{"v":3,"tenant":"default","sealed":"first\.[\w-]+"\}$/)
  await redis.set(key(other, 'definition'), definition)
  const state = (await redis.get(key(one, 'state')))!
  await redis.set(key(one, 'state'), state.replace(/.{8}"\}$/, 'AAAAAAAA"}'))
  orchestrator = await startOrchestrator()
  t.match(await endOfTask(bus, one), { status: 'completed', input: { text: `one ${MARKER}` } })
  t.match(await endOfTask(bus, other), { status: 'completed', input: { text: `other ${MARKER}` } })
  const text = await (await fetch(`http://127.0.0.1:${factsOf(orchestrator).httpPort}/metrics`)).text()
  t.match(text, /^murmur_states_unreadable_total 2$/m, 'both were refused')
})

t.test('an input that was moved into another step is refused by the agent', async (t) => {
  await stopChild(agent)
  const plan = (text: string) => ({ steps: [{ id: 'only', agent: 'echo', input: { text } }] })
  const ids = [await submit(plan(`one ${MARKER}`)), await submit(plan(`other ${MARKER}`))]
  const subject = SUBJECTS.step('echo', 2)
  const queued: { seq: number; step: StepMessage }[] = []
  await until('both are in their queue', async () => {
    queued.length = 0
    for (let from = 1; ; from = queued.at(-1)!.seq + 1) {
      const message = await bus.streams.nextMessage(STREAMS.steps.name, subject, from)
      if (!message) return queued.length === 2
      queued.push({ seq: message.seq, step: JSON.parse(Buffer.from(message.data).toString()) as StepMessage })
    }
  })
  const [one, other] = queued as [(typeof queued)[0], (typeof queued)[0]]
  await bus.streams.deleteMessage(STREAMS.steps.name, one.seq)
  const moved = JSON.stringify({ ...one.step, input: other.step.input })
  await bus.publisher.publish(subject, moved, { msgId: 'moved' })
  agent = await startAgent()
  t.match(await endOfTask(bus, one.step.taskId), { status: 'failed', error: { code: 'PAYLOAD_UNREADABLE' } })
  t.match(await endOfTask(bus, other.step.taskId), { status: 'completed' })
  t.strictSame(new Set(ids), new Set([one.step.taskId, other.step.taskId]))
})

t.test('keys are rotated: what the one before has encrypted can still be read', async (t) => {
  const taskId = await submit({ steps: [{ id: 'only', agent: 'echo', input: { text: `old ${MARKER}` } }] })
  await endOfTask(bus, taskId)
  writeFileSync(keyFile, lineOf('second') + firstKey)
  await until(
    'it is used',
    async () => {
      const id = await submit({ steps: [{ id: 'rest', sleep: { ms: 1 } }] })
      await endOfTask(bus, id)
      return /"second\./.test(
        (await redis.get(`murmur:{p${partitionOf(id, PARTITIONS)}}:definition:${id}`)) ?? '',
      )
    },
    20_000,
  )
  t.match(await stateOf(taskId), { output: { only: { text: `old ${MARKER}` } } })
  const next = await submit({ steps: [{ id: 'only', agent: 'echo', input: { text: `new ${MARKER}` } }] })
  t.match(await endOfTask(bus, next), { status: 'completed', output: { only: { text: `new ${MARKER}` } } })
  t.strictSame(await placesOfMarker(), [])
})

t.test(
  'without its key nothing is lost: it is said what is missing, and it goes on by itself when the key is there',
  async (t) => {
    const keys = readFileSync(keyFile, 'utf8')
    const taskId = await submit({
      steps: [
        { id: 'asks', waitFor: { signal: 'go', timeoutMs: 60_000 } },
        { id: 'after', agent: 'echo', needs: ['asks'], input: { text: MARKER } },
      ],
    })
    await stateOf(taskId)
    await stopChild(agent)
    await stopChild(orchestrator)
    const wrong = join(folder, 'wrong-keys')
    writeFileSync(wrong, lineOf('other'))
    // It comes up, and says what it lacks: nothing of what it can't open is passed over.
    const starting = startOrchestrator({ MURMUR_PAYLOAD_KEYS: wrong })
    orchestrator = await starting
    await t.rejects(stateOf(taskId), {
      code: 'PAYLOAD_KEY_MISSING',
      message: /key "second" for payloads of tenant "default" is not here/,
    })
    agent = await startAgent({ MURMUR_PAYLOAD_KEYS: wrong })
    writeFileSync(wrong, keys)
    await until(
      'it is read',
      async () => (await stateOf(taskId).catch(() => undefined)) !== undefined,
      20_000,
    )
    await ask(SERVICES.signalTask, { taskId, name: 'go', id: '1' })
    t.match(await endOfTask(bus, taskId), { status: 'completed', output: { after: { text: MARKER } } })
  },
)
