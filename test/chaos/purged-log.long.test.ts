import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { Plan } from '../../schemas/plan.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService, stopChild } from '../support/services.ts'
import { until } from '../support/until.ts'
import { NoRelease, openRelease } from './campaign/open-release.ts'

t.setTimeout(240_000)
const ROOT = join(import.meta.dirname, '../..')
const PARTITIONS = 2
const release = await openRelease((line) => t.comment(line)).catch((error: unknown) => {
  if (error instanceof NoRelease) return error
  throw error
})
const skip = release instanceof Error ? release.message : false

/** Waits for signals: no agent is needed. */
const waiting: Plan = { steps: [{ id: 'go', waitFor: { signal: 'go' } }] }

t.test('a release that needs all of the log, on one that was purged', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-purged-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const redis = new Client(servers.redisUrl)
  t.teardown(() => redis.disconnect())
  const MAIN = 'services/orchestrator/main.ts'
  const start = (root: string) =>
    startService(t, servers, relative(ROOT, join(root, MAIN)), {
      ...{ MURMUR_PARTITIONS: String(PARTITIONS), MURMUR_ARCHIVE: folder, MURMUR_ARCHIVE_SEGMENT_MS: '200' },
      ...{ MURMUR_CHECKPOINT_MS: '100', MURMUR_LOG_MARGIN_MS: '1000', MURMUR_LOG_LEVEL: 'silent' },
    })
  const ask = (service: string, body: object) => bus.request(service, body, { timeoutMs: 5000 })
  /** Again while partitions change hands. */
  const patiently = async (service: string, body: object) => {
    let answer: unknown
    await until('it is answered', async () => {
      answer = await ask(service, body).catch((error: unknown) => {
        if (error instanceof MurmurError && error.code === 'UNAVAILABLE') return undefined
        throw error
      })
      return answer !== undefined
    })
    return answer
  }
  const submit = async (idempotencyKey: string, plan: Plan) => {
    const answer = await patiently(SERVICES.submitTask, { type: 'plan', idempotencyKey, plan })
    return (answer as { taskId: string }).taskId
  }
  const signal = (taskId: string) =>
    patiently(SERVICES.signalTask, { taskId, name: 'go', id: 'go', payload: 1 })
  const codeOf = (taskId: string) =>
    ask(SERVICES.getTask, { taskId }).then(
      () => 'answered',
      (error: unknown) => (error instanceof MurmurError ? error.code : String(error)),
    )
  const firstSeq = async () => (await bus.streams.facts(STREAMS.log.name)).firstSeq
  let turns = 0
  const oneTurn = async () => {
    const turn = turns++
    const ids = await Promise.all([0, 1, 2].map((i) => submit(`turn-${turn}-${i}`, waiting)))
    await Promise.all(ids.map(signal))
    await Promise.all(ids.map((taskId) => endOfTask(bus, taskId)))
  }
  const lasting: string[] = []

  await t.test('while one of those runs, nothing is purged; then it is', async (t) => {
    const older = await start(release as string)
    const current = await start(ROOT)
    for (let i = 0; i < 6; i++) lasting.push(await submit(`long-${i}`, waiting))
    const { lastSeq } = await bus.streams.facts(STREAMS.log.name)
    // A dozen times as long as it takes otherwise.
    const untilMs = performance.now() + 12_000
    while (performance.now() < untilMs) await oneTurn()
    t.equal(await firstSeq(), 1)
    await stopChild(older)
    const isPurged = async () => {
      await oneTurn()
      return (await firstSeq()) > lastSeq
    }
    await until('the log is purged', isPurged, 60_000)
    t.strictSame(
      await Promise.all(lasting.map(codeOf)),
      lasting.map(() => 'answered'),
    )
    await stopChild(current)
  })

  await t.test('it goes on with what is stored', async (t) => {
    const older = await start(release as string)
    t.strictSame(
      await Promise.all(lasting.map(codeOf)),
      lasting.map(() => 'answered'),
    )
    await signal(lasting[0]!)
    t.equal((await endOfTask(bus, lasting[0]!)).status, 'completed')
    await stopChild(older)
  })

  await t.test(
    'where nothing is stored it decides nothing, and says that it is for a later one',
    async (t) => {
      await redis.flushall()
      const older = await start(release as string)
      const readiness = async () => {
        const answer = await fetch(`http://127.0.0.1:${factsOf(older).httpPort}/readyz`)
        return `${answer.status} ${await answer.text()}`
      }
      await until(
        'it says so',
        async () => {
          const said = await readiness()
          t.comment(said)
          return said.startsWith('503') && said.includes('left to a later version')
        },
        30_000,
      )
      for (let i = 0; i < 3; i++)
        t.strictSame(
          await Promise.all(lasting.map(codeOf)),
          lasting.map(() => 'UNAVAILABLE'),
        )
      await stopChild(older)
    },
  )

  await t.test('one that knows goes on with all of them', async (t) => {
    await start(ROOT)
    await until('all are there', async () =>
      (await Promise.all(lasting.map(codeOf))).every((code) => code === 'answered'),
    )
    t.equal((await endOfTask(bus, lasting[0]!)).status, 'completed', 'also what the other one did')
    await Promise.all(lasting.slice(1).map(signal))
    const ends = await Promise.all(lasting.map((taskId) => endOfTask(bus, taskId)))
    t.strictSame(
      ends.map(({ status }) => status),
      lasting.map(() => 'completed'),
    )
  })
})
