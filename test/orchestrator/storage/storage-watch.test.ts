import t from 'tap'
import type { StreamFill } from '#platform/nats/streams.ts'
import { type StorageChange, storageChangeSchema, storageLevelSchema } from '#schemas/storage.ts'
import { StorageCheck } from '../../../services/orchestrator/storage/storage-check.ts'
import { StorageWatch } from '../../../services/orchestrator/storage/storage-watch.ts'
import { createManualClock } from '../../../services/platform/clock/manual-clock.ts'
import { silentLog } from '../../../services/platform/telemetry/logger.ts'
import { createMetrics } from '../../../services/platform/telemetry/metrics.ts'

const fill = (bytes: number, about: Partial<StreamFill> = {}): StreamFill => ({
  ...{ bytes, maxBytes: 1000, messages: 1, maxMessages: -1, lastSeq: 1, subjects: new Map() },
  ...about,
})

/** A world whose stores are as full as a test says; of `polls` one more is made by `next`. */
function world(about: { isReporter?: boolean; archive?: boolean } = {}) {
  const fills = new Map<string, StreamFill>()
  const told: [subject: string, StorageChange][] = []
  const state = { account: { storageBytes: 5, limitBytes: 100 as number | undefined }, redis: '', disk: 0 }
  const clock = createManualClock()
  const metrics = createMetrics()
  const deps = {
    bus: {
      streams: {
        fill: async (name: string) => {
          const found = fills.get(name) ?? fill(1)
          if (found.maxBytes === -2) throw new Error('no answer')
          return found
        },
      },
      survey: { account: async () => state.account },
      publishCore: (subject: string, text: string) =>
        void told.push([subject, storageChangeSchema.parse(JSON.parse(text))]),
    },
    redis: { info: async () => state.redis.split('|') },
    archive: about.archive
      ? { room: async () => ({ totalBytes: 1000, freeBytes: 1000 - state.disk }) }
      : undefined,
    isReporter: () => about.isReporter ?? true,
    ...{ metrics, clock, log: silentLog },
  } as unknown as ConstructorParameters<typeof StorageWatch>[0]
  const watch = new (class extends StorageWatch {
    next = () => this.poll()
  })(deps)
  return { watch, fills, told, state, clock, metrics }
}

t.test('one list of all that can be full, the fullest first', async (t) => {
  const { watch, fills, state } = world({ archive: true })
  fills.set('LOG', fill(900))
  fills.set('STEPS', fill(10, { messages: 70, maxMessages: 100 }))
  state.redis = 'used_memory:10\r\nmaxmemory:100|used_memory:60\r\nmaxmemory:200'
  state.disk = 880
  await watch.next()
  const levels = watch.levels()
  for (const level of levels) storageLevelSchema.parse(level)
  t.match(
    levels.slice(0, 4).map(({ resource, share, mark }) => [resource, share, mark]),
    [
      ['log', 0.9, 1],
      ['archive', 0.88, 1],
      ['steps', 0.7, 0],
      ['redis', 0.3, 0],
    ],
  )
  t.match(watch.levelOf('log'), {
    usedBytes: 900,
    limitBytes: 1000,
    refuses: true,
    marks: [0.85, 0.92, 0.97],
  })
  t.match(watch.levelOf('archive'), { refuses: false })
  t.match(watch.levelOf('jetstream'), { share: 0.05 })
  t.equal(levels.length, 14)
})

t.test('an event for each mark that is crossed, up and down, and since when', async (t) => {
  const { watch, fills, told, clock, metrics } = world()
  await watch.next()
  const startedMs = watch.levelOf('log')!.sinceMs
  await clock.advance(1000)
  fills.set('LOG', fill(930))
  await watch.next()
  t.strictSame(told, [
    [
      'system.storage.log',
      {
        ...{ v: 1, atMs: clock.nowMs(), resource: 'log', mark: 2, before: 0 },
        ...{ share: 0.93, usedBytes: 930, limitBytes: 1000 },
      },
    ],
  ])
  t.equal(watch.levelOf('log')!.sinceMs, startedMs + 1000)
  await clock.advance(1000)
  fills.set('LOG', fill(915))
  await watch.next()
  t.equal(told.length, 1, 'a little below')
  t.equal(watch.levelOf('log')!.sinceMs, startedMs + 1000)
  t.match(await metrics.expose(), /^murmur_storage_mark\{resource="log"\} 2$/m)
  fills.set('LOG', fill(100))
  await watch.next()
  t.match(told[1], ['system.storage.log', { mark: 0, before: 2 }])
  t.match(await metrics.expose(), /^murmur_storage_mark\{resource="log"\} 0$/m)
  t.match(await metrics.expose(), /^murmur_storage_fill_ratio\{resource="log"\} 0\.1$/m)
})

t.test('what was so before is told by nobody, and one of all tells', async (t) => {
  const first = world()
  first.fills.set('LOG', fill(990))
  await first.watch.next()
  t.strictSame(first.told, [])
  const other = world({ isReporter: false })
  await other.watch.next()
  other.fills.set('LOG', fill(990))
  await other.watch.next()
  t.strictSame(other.told, [])
  t.equal(other.watch.levelOf('log')!.mark, 3, 'it knows, too')
})

t.test('without an answer what was known holds', async (t) => {
  const { watch, fills } = world()
  fills.set('LOG', fill(900))
  await watch.next()
  fills.set('LOG', fill(0, { maxBytes: -2 }))
  await watch.next()
  t.equal(watch.levelOf('log')!.mark, 1)
})

t.test('new tasks are refused where the account has no room for them', async (t) => {
  const { watch, state } = world()
  const check = new StorageCheck(() => watch.levelOf('jetstream'))
  t.equal(check.refusal(), undefined, 'nothing is known yet')
  state.account = { storageBytes: 90, limitBytes: 100 }
  await watch.next()
  t.equal(check.refusal(), undefined)
  state.account = { storageBytes: 91, limitBytes: 100 }
  await watch.next()
  t.match(check.refusal(), {
    reason: 'jetstream',
    code: 'OVERLOADED',
    retryAfterMs: 5000,
    message: /91 % full/,
  })
  state.account = { storageBytes: 91, limitBytes: undefined }
  await watch.next()
  t.equal(check.refusal(), undefined, 'an account without a limit')
})
