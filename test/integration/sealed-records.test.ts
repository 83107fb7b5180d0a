import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import type { StepMessage } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { SERVICES } from '#subjects/operations.ts'
import { STREAMS } from '#subjects/streams.ts'
import { MESSAGE_IDS, partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { ArchiveReader } from '../../services/orchestrator/history/archive-reader.ts'
import { readSegment } from '../../services/orchestrator/history/segment-reader.ts'
import { keyedTaskId } from '../../services/orchestrator/intake/admit.ts'
import { systemClock } from '../../services/platform/clock/clock.ts'
import { FolderStore } from '../../services/platform/storage/folder-store.ts'
import { archiveLevel } from '../support/archive-level.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService, stopChild } from '../support/services.ts'
import { until } from '../support/until.ts'

const servers = await withServers(t)
/** Everything in the account of the platform: what a hole anywhere could come to at worst. */
const bus = await openBus(t, servers.natsUrl)
const ask = (subject: string, body: object) => bus.request(subject, body, { timeoutMs: 5000 })
const folder = mkdtempSync(join(tmpdir(), 'murmur-sealed-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'keys')

/** An API key as an edge would store it, written by somebody else. */
async function storeKey(id: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(secret).digest('hex')
  const key = { v: 1, id, tenant: 'other', name: 'x', scopes: ['tasks:read'], createdAtMs: 1, hash }
  await bus.publisher.publish(`keys.${id}`, JSON.stringify(key), { msgId: id })
  return `mur_${id}_${secret}`
}

const PARTITIONS = 4
await bus.streams.provision({ partitions: PARTITIONS, storageBytes: 2 * 1024 ** 3 })
const early = await storeKey('early0000000')
writeFileSync(file, `${new Date(Date.now() + 1).toISOString()} ${randomBytes(32).toString('base64url')}\n`)
const env = { MURMUR_PLATFORM_KEYS: file }
const auditFile = join(folder, 'audit')
const edgeAudit = join(folder, 'audit-edge')
const archive = join(folder, 'archive')
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    ...{ ...env, MURMUR_AUDIT_FILE: auditFile },
    ...{ MURMUR_ARCHIVE: archive, MURMUR_ARCHIVE_SEGMENT_MS: '200' },
  })
let orchestrator = await startOrchestrator()
const edge = await startService(t, servers, 'services/edge/main.ts', {
  ...env,
  MURMUR_EDGE_AUTH: 'required',
  MURMUR_EDGE_AUDIT_FILE: edgeAudit,
})

async function statusWith(key: string): Promise<number> {
  const url = `http://127.0.0.1:${factsOf(edge).restPort}/v1/tasks`
  return (await fetch(url, { headers: { authorization: `Bearer ${key}` } })).status
}

t.test('an API key that the platform has not sealed opens nothing', async (t) => {
  const forged = await storeKey('evil00000000')
  const { secret } = (await ask(SERVICES.createKey, {
    tenant: 'acme',
    name: 'ci',
    scopes: ['tasks:read'],
  })) as { secret: string }
  t.equal(await statusWith(secret), 200, 'made by an edge')
  t.equal(await statusWith(forged), 401, 'written into the stream by somebody else')
  t.equal(await statusWith(early), 200, 'from before there were seals')
  const id = secret.split('_')[1]!
  const stored = (await bus.streams.lastMessage(STREAMS.keys.name, `keys.${id}`))!
  await bus.publisher.publish('keys.copied000000', stored.data, { msgId: 'copied' })
  await ask(SERVICES.createKey, { tenant: 'acme', name: 'next', scopes: ['tasks:read'] })
  t.equal(await statusWith(secret.replace(id, 'copied000000')), 401, 'a seal is for one place')
  const audit = readFileSync(edgeAudit, 'utf8')
  for (const name of ['evil00000000', 'copied000000'])
    t.match(
      audit,
      new RegExp(`"operation":"storeRecord".*"target":"KEYS keys\\.${name} \\d+","code":"FORBIDDEN"`),
      name,
    )
  const metrics = await fetch(`http://127.0.0.1:${factsOf(edge).httpPort}/metrics`)
  t.match(await metrics.text(), /^murmur_records_refused_total\{stream="KEYS"\} 2$/m)
  const told = (await bus.survey.services()).flatMap(({ facts }) => facts['refused-records'] ?? [])
  t.ok(told.includes('KEYS 2'), 'and doctor is told')
})

t.test('a record without a seal keeps no key from being rotated and revoked', async (t) => {
  const about = { tenant: 'acme', name: 'ci', scopes: ['tasks:read'] }
  const { key, secret } = (await ask(SERVICES.createKey, about)) as { key: { id: string }; secret: string }
  const forged = await storeKey(key.id)
  t.equal(await statusWith(secret), 200, 'what stands behind it is not believed')
  t.equal(await statusWith(forged), 401)
  const rotated = (await ask(SERVICES.rotateKey, { id: key.id })) as { key: { id: string }; secret: string }
  t.equal(await statusWith(rotated.secret), 200, 'the new one is sealed')
  t.equal(await statusWith(secret), 200, 'and the old one, for its grace time')
  await storeKey(rotated.key.id)
  await ask(SERVICES.revokeKey, { id: rotated.key.id })
  t.equal(await statusWith(rotated.secret), 401)
  const stored = (await bus.streams.lastMessage(STREAMS.keys.name, `keys.${rotated.key.id}`))!
  t.match(Buffer.from(stored.data).toString(), /"revokedAtMs":\d+.*"seal":"[\w-]{43}"\}$/)
})

t.test('a result counts when it has the token that was handed out with the attempt', async (t) => {
  await ask(SERVICES.registerAgent, { type: 'writer', instance: 'writer-1' })
  const plan = { steps: [{ id: 'only', agent: 'writer' }] }
  const { taskId } = (await ask(SERVICES.submitTask, { type: 'plan', plan })) as { taskId: string }
  const handedOut = new Promise<StepMessage>((resolve) => {
    const puller = bus.consumers.createPuller(
      { stream: STREAMS.steps.name, consumer: 'writer-p2' },
      ({ data }) => resolve(JSON.parse(Buffer.from(data).toString()) as StepMessage),
    )
    void puller.pull({ batch: 1, expiresMs: 10_000 })
  })
  const step = await handedOut
  t.match(step, { taskId, token: /^[\w-]{43}$/ })
  const answer = (output: string, token: string | undefined) =>
    bus.publisher.publish(
      step.reply,
      JSON.stringify({
        v: 1,
        taskId,
        stepId: 'only',
        attempt: 1,
        instance: 'x',
        startedAtMs: 1,
        finishedAtMs: 2,
        outcome: { kind: 'done', output },
        token,
      }),
      { msgId: `${taskId}:${output}` },
    )
  await answer('without', undefined)
  await answer('of another', 'x'.repeat(43))
  const { task } = (await ask(SERVICES.getTask, { taskId })) as { task: TaskState }
  t.match(task, { status: 'running', steps: { only: { status: 'dispatched', attempt: 1 } } })
  await answer('right', step.token)
  // What comes later in the log is folded later: those before it have changed nothing.
  t.match(await endOfTask(bus, taskId), { status: 'completed', output: { only: 'right' } })
})

t.test('what an orchestrator answers itself counts: child tasks', async (t) => {
  const child = { steps: [{ id: 'rest', sleep: { ms: 1 } }] }
  const plan = { steps: [{ id: 'sub', task: { type: 'plan', plan: child } }] }
  const { taskId } = (await ask(SERVICES.submitTask, { type: 'plan', plan })) as { taskId: string }
  t.match(await endOfTask(bus, taskId), { status: 'completed' })
})

/** Places in the log of what was forged. */
const forgedSeqs: number[] = []

/** An event as an orchestrator would write it, written by somebody else. */
async function forge(subject: string, record: object): Promise<number> {
  const { seq } = await bus.publisher.publish(subject, JSON.stringify(record), {
    msgId: randomBytes(8).toString('hex'),
  })
  if (subject.startsWith('log.')) forgedSeqs.push(seq)
  return seq
}

/** Resolves when the partition of a task is folded up to what is in it now: a task of its own, in the same one, has ended. */
async function settled(partition: number): Promise<void> {
  for (;;) {
    const plan = { steps: [{ id: 'rest', sleep: { ms: 1 } }] }
    const { taskId } = (await ask(SERVICES.submitTask, { type: 'plan', plan })) as { taskId: string }
    await endOfTask(bus, taskId)
    if (partitionOf(taskId, PARTITIONS) === partition) return
  }
}

const refusedOf = async (stream: string) => {
  const text = await (await fetch(`http://127.0.0.1:${factsOf(orchestrator).httpPort}/metrics`)).text()
  return Number(
    new RegExp(`^murmur_records_refused_total\\{stream="${stream}"\\} (\\d+)$`, 'm').exec(text)?.[1],
  )
}
const submit = async () => {
  const plan = { steps: [{ id: 'wait', waitFor: { signal: 'go', timeoutMs: 60_000 } }] }
  return ((await ask(SERVICES.submitTask, { type: 'plan', plan })) as { taskId: string }).taskId
}
const stateOf = async (taskId: string) =>
  ((await ask(SERVICES.getTask, { taskId })) as { task: TaskState }).task

t.test(
  'events that the platform has not sealed change nothing: they are set aside, counted and audited',
  async (t) => {
    const taskId = await submit()
    const partition = partitionOf(taskId, PARTITIONS)
    const control = SUBJECTS.log(partition, 'control')
    const before = await refusedOf('LOG')
    const seqs = [
      await forge(control, { v: 1, taskId, action: 'cancel' }),
      await forge(control, { v: 2, taskId, action: 'signal', name: 'go', id: 'x', payload: 'forged' }),
      await forge(control, { v: 99, taskId, action: 'of a later version' }),
      await forge(control, { v: 1, taskId, action: 'cancel', seal: 'x'.repeat(43) }),
      await forge(SUBJECTS.log(partition, 'released'), {
        v: 1,
        taskId,
        stepId: 'wait',
        attempt: 1,
        instance: 'x',
      }),
      await forge(SUBJECTS.log(partition, 'timer'), { v: 1, taskId, dueMs: 1 }),
    ]
    await settled(partition)
    t.match(await stateOf(taskId), { status: 'running', steps: { wait: { status: 'awaiting-signal' } } })
    t.equal(await refusedOf('LOG'), before + seqs.length)
    const audit = readFileSync(auditFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    for (const seq of seqs)
      t.ok(
        audit.some((line) => 'target' in line && String(line.target).endsWith(` ${seq}`)),
        `message ${seq} is in the audit log`,
      )
    const kept = (await bus.streams.lastMessage(STREAMS.dead.name, SUBJECTS.dead('unknown')))!
    t.equal(kept.header('Murmur-Log-Seq'), String(seqs.at(-1)), 'kept for people to look at')
    await ask(SERVICES.signalTask, { taskId, name: 'go', id: 'right' })
    t.match(await endOfTask(bus, taskId), { status: 'completed' }, 'and what the platform writes counts')
  },
)

t.test(
  'an accepted task that the platform has not sealed is none, also under the id of a message that is to come',
  async (t) => {
    const taskId = 'forged0000000'
    const plan = { steps: [{ id: 'rest', sleep: { ms: 1 } }] }
    const event = { v: 1, taskId, tenant: 'acme', type: 'plan', priority: 1, bodyHash: 'x', input: {}, plan }
    const partition = partitionOf(taskId, PARTITIONS)
    await forge(SUBJECTS.log(partition, 'accepted'), { ...event, deadlineMs: 60_000, delayMs: 0 })
    await settled(partition)
    await t.rejects(stateOf(taskId), { code: 'TASK_NOT_FOUND' })

    const taken = keyedTaskId('default', 'taken')
    await bus.publisher.publish(
      SUBJECTS.log(partitionOf(taken, PARTITIONS), 'accepted'),
      JSON.stringify({ ...event, taskId: taken, deadlineMs: 60_000, delayMs: 0 }),
      { msgId: MESSAGE_IDS.accepted(taken) },
    )
    const keyed = (idempotencyKey: string) => ask(SERVICES.submitTask, { type: 'plan', plan, idempotencyKey })
    await t.rejects(keyed('taken'), { code: 'UNAVAILABLE' }, 'nobody is told of a task that there is not')

    const first = (await keyed('other')) as { taskId: string }
    const accepted = SUBJECTS.log(partitionOf(first.taskId, PARTITIONS), 'accepted')
    const stored = (await bus.streams.lastMessage(STREAMS.log.name, accepted))!
    t.match(Buffer.from(stored.data).toString(), /"seal":"[\w-]{43}"\}$/, 'those of the platform are')
    const copy = partitionOf(first.taskId, PARTITIONS) === 0 ? 1 : 0
    const refused = await refusedOf('LOG')
    await bus.publisher.publish(SUBJECTS.log(copy, 'accepted'), stored.data, { msgId: 'copy' })
    await settled(copy)
    t.equal(await refusedOf('LOG'), refused + 1, 'a seal is for one place')
  },
)

t.test(
  'schedules, policies and templates that the platform has not sealed change nothing, and what stood there comes back',
  async (t) => {
    const task = { type: 'plan', plan: { steps: [{ id: 'rest', sleep: { ms: 1 } }] } }
    await ask(SERVICES.putSchedule, { name: 'nightly', cron: '0 3 * * *', submission: task })
    const subject = SUBJECTS.schedule('default', 'nightly')
    const { data } = (await bus.streams.lastMessage(STREAMS.schedules.name, subject))!
    const record = JSON.parse(Buffer.from(data).toString()) as { seal?: string; definition: object }
    t.match(record, { seal: /^[\w-]{43}$/ })
    await forge(subject, { ...record, paused: true, forged: true })
    await forge(SUBJECTS.schedule('default', 'evil'), { ...record, name: 'evil' })
    await forge(SUBJECTS.agentPolicy('writer'), {
      v: 1,
      agent: 'writer',
      policy: { maxInFlight: 1 },
      updatedAtMs: 1,
    })
    await forge(SUBJECTS.planTemplate('default', 'evil', 1), {
      v: 1,
      tenant: 'default',
      template: { name: 'evil', version: 1, createdAtMs: 1, ...task },
    })
    const { schedules } = (await ask(SERVICES.listSchedules, {})) as { schedules: { name: string }[] }
    t.strictSame(
      schedules.map(({ name }) => name),
      ['nightly'],
    )
    const { agents } = (await ask(SERVICES.getAgentPolicies, { agent: 'writer' })) as {
      agents: { policy: object }[]
    }
    t.strictSame(
      agents.map(({ policy }) => policy).filter((policy) => Object.keys(policy).length > 0),
      [],
    )
    await t.rejects(ask(SERVICES.getTemplate, { name: 'evil' }), { code: 'TEMPLATE_NOT_FOUND' })
    await t.rejects(ask(SERVICES.getSchedule, { name: 'evil' }), { code: 'SCHEDULE_NOT_FOUND' })
    // What it says comes from the stream: it is there again, or was never away.
    await ask(SERVICES.getSchedule, { name: 'nightly' })
    for (const stream of ['SCHEDULES', 'POLICIES', 'TEMPLATES'])
      t.ok((await refusedOf(stream)) > 0, `${stream}: counted`)
  },
)

t.test(
  'with another key on top, what the key before has sealed still counts; made again from the log, tasks are the same',
  async (t) => {
    const taskId = await submit()
    await stopChild(orchestrator)
    writeFileSync(
      file,
      `${new Date().toISOString()} ${randomBytes(32).toString('base64url')}\n${readFileSync(file, 'utf8')}`,
    )
    const redis = new Redis(servers.redisUrl)
    await redis.flushall()
    redis.disconnect()
    orchestrator = await startOrchestrator()
    t.match(await stateOf(taskId), { status: 'running', steps: { wait: { status: 'awaiting-signal' } } })
    await ask(SERVICES.signalTask, { taskId, name: 'go', id: 'right' })
    t.match(await endOfTask(bus, taskId), { status: 'completed' })
    t.match(await ask(SERVICES.getSchedule, { name: 'nightly' }), { schedule: { name: 'nightly' } })
    await t.rejects(stateOf('forged0000000'), { code: 'TASK_NOT_FOUND' })
  },
)

t.test('in the archive what the platform has not sealed is no event, and is counted once', async (t) => {
  const store = new FolderStore(archive)
  await until('all is archived', async () => (await archiveLevel(bus, store, PARTITIONS)).isAll, 20_000)
  const reader = new ArchiveReader({ store, clock: systemClock, keepFinishedMs: 86_400_000 })
  await reader.catalogue.refresh()
  const entries = reader.catalogue.chains().flat()
  const segments = await Promise.all(entries.map(({ data }) => store.read(data.key)))
  const events = segments.flatMap((bytes) => readSegment(bytes!).events)
  const refused = events.filter((event) => event.refused !== undefined)
  t.ok(forgedSeqs.length > 5)
  for (const seq of forgedSeqs) {
    const { data } = (await bus.streams.nextMessage(STREAMS.log.name, 'log.>', seq))!
    t.match(
      refused.filter((event) => event.seq === seq),
      [{ refused: /seal of the platform/, taskId: undefined, data: Buffer.from(data) }],
    )
  }
  t.ok(
    events.some(({ kind, refused }) => kind === 'control' && refused === undefined),
    'others are',
  )
  t.equal(await reader.findEvents('forged0000000'), undefined)
})
