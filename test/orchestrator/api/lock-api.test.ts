import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { MemoryLockStore } from '#platform/locks/memory-lock-store.ts'
import { LockApi } from '../../../services/orchestrator/api/lock-api.ts'
import { NatsLockStore } from '../../../services/sdk/nats-lock-store.ts'
import { StepLocks } from '../../../services/sdk/step-locks.ts'
import { openBus } from '../../support/bus.ts'
import { checkLockStore } from '../../support/lock-store-conformance.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const clock = createManualClock()
const kept = new MemoryLockStore(clock, { maxLocks: 3 })
const api = new LockApi(bus, kept)
api.start()
t.teardown(() => api.quiesce())
await bus.flush()
const store = new NatsLockStore(bus, 'word-count')

t.test('locks over NATS keep what locks promise', (t) =>
  checkLockStore(t, async () => ({
    store,
    flush: async () => kept.flush(),
    pass: (ms) => clock.advance(ms),
    shortMs: 1000,
  })),
)

t.test('what is no lock is refused before the store is asked', async (t) => {
  const claim = { tenant: 'default', name: 'a', owner: 'one', leaseMs: 5000 }
  for (const wrong of [
    { name: 'a b' },
    { owner: '' },
    { leaseMs: 1 },
    { leaseMs: 1e9 },
    { tenant: '*' },
    { more: 1 },
  ])
    await t.rejects(bus.call('acquireLock', { ...claim, ...wrong }, { agent: 'word-count' }), {
      code: 'INVALID_REQUEST',
    })
})

t.test('a step that is over has no locks', async (t) => {
  const make = () => new StepLocks({ store, clock: systemClock, tenant: 'steps' })
  const ended = make()
  const held = await ended.acquire('file')
  await ended.end()
  t.match(held.signal.reason, { code: 'LOCK_LOST' })
  const next = make()
  const again = await next.tryAcquire('file')
  t.ok(again, 'it was given back')

  let ends = () => {}
  const lingering = new Promise<void>((resolve) => {
    ends = resolve
  })
  await next.end(lingering)
  t.ok(again?.signal.aborted, 'a handler that was left behind is told')
  const third = make()
  t.equal(await third.tryAcquire('file'), undefined, 'it may be writing yet')
  ends()
  const late = await third.acquire('file')
  t.ok(late.token > (again?.token ?? 0))
  await third.end()
})
