import t from 'tap'
import { createManualClock, type ManualClock } from '#platform/clock/manual-clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { Locks } from '#platform/locks/locks.ts'
import { MemoryLockStore } from '#platform/locks/memory-lock-store.ts'

const LEASE_MS = 9000

function start(clock: ManualClock = createManualClock()) {
  const store = new MemoryLockStore(clock)
  let owners = 0
  const newOwner = () => `owner-${owners++}`
  const locks = new Locks({ store, clock, scope: 'default', newOwner, random: () => 1 })
  return { clock, store, locks }
}

/** What an owner does, whose process can be stopped. */
function stoppable(clock: ManualClock) {
  let stopped: Promise<void> | undefined
  let wake = () => {}
  return {
    clock: {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal).then(() => stopped),
    },
    stop: () => {
      stopped = new Promise((resolve) => {
        wake = () => {
          stopped = undefined
          resolve()
        }
      })
    },
    goOn: async () => {
      wake()
      await clock.advance(0)
    },
  }
}

/** A file that compares tokens before it lets anybody write. */
function fencedFile() {
  const file = { token: 0, text: '' }
  return {
    file,
    write(token: number, text: string): boolean {
      if (token < file.token) return false
      Object.assign(file, { token, text })
      return true
    },
  }
}

t.test('an owner that stands still for longer than its lease: its late write is refused', async (t) => {
  const { clock, store } = start()
  const process = stoppable(clock)
  const first = new Locks({ store, clock: process.clock, scope: 'default' })
  const second = new Locks({ store, clock, scope: 'default' })
  const { file, write } = fencedFile()
  const held = await first.acquire('file', { leaseMs: LEASE_MS })
  t.ok(write(held.token, 'first'))
  await clock.advance(10 * LEASE_MS)
  t.ok(held.isHeld(), 'it renews itself while it lives')

  process.stop()
  await clock.advance(LEASE_MS + 1)
  const taken = await second.tryAcquire('file', { leaseMs: LEASE_MS })
  if (!taken) throw new Error('its lease has ended: others get it')
  t.ok(taken.token > held.token)
  t.ok(write(taken.token, 'second'))

  t.notOk(held.signal.aborted, 'it has not been able to notice')
  t.notOk(held.isHeld(), 'unless it looks at its clock')
  t.notOk(write(held.token, 'late'), 'its token is smaller')
  await process.goOn()
  t.match(held.signal.reason, { code: 'LOCK_LOST' })
  t.equal(file.text, 'second')
  await held.release()
  t.equal(await first.tryAcquire('file'), undefined, 'what it gives back is not its own any more')
  await taken.release()
})

t.test('the store is emptied while the owner stands still: the same', async (t) => {
  const { clock, store } = start()
  const process = stoppable(clock)
  const first = new Locks({ store, clock: process.clock, scope: 'default' })
  const { write } = fencedFile()
  const held = await first.acquire('file', { leaseMs: LEASE_MS })
  process.stop()
  await clock.advance(LEASE_MS / 2)
  store.flush()
  const second = new Locks({ store, clock, scope: 'default' })
  const taken = await second.acquire('file', { leaseMs: LEASE_MS })
  t.ok(taken.token > held.token, 'tokens go on from the clock')
  t.ok(write(taken.token, 'second'))
  await process.goOn()
  t.notOk(write(held.token, 'late'))
  await clock.advance(LEASE_MS / 3)
  t.match(held.signal.reason, { code: 'LOCK_LOST' }, 'its next renewal tells it')
  t.ok(taken.isHeld())
  await taken.release()
})

t.test(
  'the store is emptied while the owner lives: it goes on, and nobody else gets it after its next renewal',
  async (t) => {
    const { clock, store, locks } = start()
    const held = await locks.acquire('file', { leaseMs: LEASE_MS })
    store.flush()
    await clock.advance(LEASE_MS / 3)
    t.equal(await locks.tryAcquire('file'), undefined)
    await clock.advance(5 * LEASE_MS)
    t.ok(held.isHeld())
    await held.release()
  },
)

t.test('who waits gets it when it is given back, and not for ever', async (t) => {
  const { clock, locks } = start()
  const held = await locks.acquire('file')
  t.equal(await locks.tryAcquire('file'), undefined)
  const inTime = locks.acquire('file', { waitMs: 60_000 })
  const late = t.rejects(locks.acquire('file', { waitMs: 5000 }), { code: 'LOCK_HELD' })
  const stopping = new AbortController()
  const stopped = t.rejects(locks.acquire('file', { signal: stopping.signal }), { message: 'enough' })
  await clock.advance(1000)
  stopping.abort(new Error('enough'))
  await stopped
  await clock.advance(5000)
  await late
  await held.release()
  await clock.advance(1000)
  const next = await inTime
  t.ok(next.token > held.token)
  t.ok(next.isHeld())
  await next.release()
  t.notOk(next.signal.aborted, 'to give it back is no loss')
  t.equal(clock.sleeping, 0, 'nothing goes on')
})

t.test('withLock gives it back however the work ends', async (t) => {
  const { locks } = start()
  t.equal(await locks.withLock('file', {}, async ({ token }) => token > 0), true)
  await t.rejects(
    locks.withLock('file', {}, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  const held = await locks.tryAcquire('file')
  t.ok(held)
  await held?.release()
})

t.test(
  'a store that is away: asked again until the lease is nearly over, then the lock is lost',
  async (t) => {
    const { clock, store, locks } = start()
    const held = await locks.acquire('file', { leaseMs: LEASE_MS })
    let asked = 0
    const away = () => {
      asked++
      return Promise.reject(new MurmurError('UNAVAILABLE', 'away'))
    }
    const { renew } = store
    store.renew = away
    await clock.advance(LEASE_MS * 0.75)
    t.ok(asked > 3)
    t.ok(held.isHeld())
    store.renew = renew
    await clock.advance(LEASE_MS)
    t.ok(held.isHeld(), 'it was back in time')
    store.renew = () => new Promise(() => undefined)
    await clock.advance(LEASE_MS)
    t.match(held.signal.reason, { code: 'LOCK_LOST' }, 'also when an answer never comes')
    t.notOk(held.isHeld())
    await held.release()
    store.acquire = away
    const waiting = t.rejects(locks.acquire('file', { waitMs: 3000 }), { code: 'UNAVAILABLE' })
    await clock.advance(3000)
    await waiting
  },
)

t.test('a grant whose answer was lost is granted again; one that comes too late is given back', async (t) => {
  const { clock, store, locks } = start()
  const acquire = store.acquire.bind(store)
  store.acquire = async (...args) => {
    store.acquire = acquire
    await acquire(...args)
    throw new MurmurError('UNAVAILABLE', 'lost')
  }
  const waiting = locks.acquire('file', { leaseMs: LEASE_MS })
  await clock.advance(1000)
  const held = await waiting
  t.ok(held.isHeld())
  await held.release()
  store.acquire = async (...args) => {
    store.acquire = acquire
    const answer = await acquire(...args)
    await clock.advance(LEASE_MS)
    return answer
  }
  t.equal(await locks.tryAcquire('file', { leaseMs: LEASE_MS }), undefined)
  const again = await locks.tryAcquire('file')
  t.ok(again, 'nobody has it')
  await again?.release()
})

t.test('a clock that runs a hundredth too slow counts on no lease that has ended', async (t) => {
  const { clock, store } = start()
  const process = stoppable({ ...clock, monotonicMs: () => clock.monotonicMs() * 0.99 })
  const slow = new Locks({ store, clock: process.clock, scope: 'default' })
  const held = await slow.acquire('file', { leaseMs: LEASE_MS })
  process.stop()
  await clock.advance(LEASE_MS * 0.85)
  t.ok(held.isHeld(), 'nobody else can have it yet')
  await clock.advance(LEASE_MS * 0.15)
  t.notOk(held.isHeld())
  await process.goOn()
  await held.release()
})

t.test('names, leases and waiting are bounded', async (t) => {
  const { locks } = start()
  for (const name of ['', 'a b', 'x'.repeat(129), 'a*', '{a}'])
    await t.rejects(locks.tryAcquire(name), RangeError)
  for (const leaseMs of [0, 999, 600_001, 1500.5, Number.NaN])
    await t.rejects(locks.tryAcquire('a', { leaseMs }), RangeError)
  for (const waitMs of [-1, 3_600_001, Number.NaN])
    await t.rejects(locks.acquire('a', { waitMs }), RangeError)
})
