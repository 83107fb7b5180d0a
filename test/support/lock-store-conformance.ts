import type { Test } from 'tap'
import type { LockClaim, LockGrant, LockStore } from '../../services/platform/locks/lock-store.ts'

export interface LockStoreUnderTest {
  store: LockStore
  /** Makes the store forget everything. */
  flush(): Promise<void>
  /** Lets so much of the store's time go by. Milliseconds. */
  pass(ms: number): Promise<void>
  /** A lease that is worth waiting for. Milliseconds. */
  shortMs: number
}

const LEASE_MS = 60_000

/** What any store of locks must do. Every case has a scope of its own. `open` gives a store that holds three locks a scope at most. */
export async function checkLockStore(t: Test, open: (t: Test) => Promise<LockStoreUnderTest>): Promise<void> {
  const { store, flush, pass, shortMs } = await open(t)
  let cases = 0
  const test = (
    name: string,
    body: (t: Test, claim: (owner: string, lock?: string) => LockClaim) => Promise<void>,
  ) =>
    t.test(name, (t) => {
      const scope = `case-${cases++}`
      return body(t, (owner, lock = 'repo:a/b') => ({ scope, name: lock, owner }))
    })
  const granted = async (claim: LockClaim, leaseMs = LEASE_MS): Promise<LockGrant> => {
    const answer = await store.acquire(claim, leaseMs)
    if (answer.kind !== 'granted') throw new Error(`${claim.name} is held`)
    return { ...claim, token: answer.token }
  }

  await test('one owner at a time; others are told when its lease ends', async (t, claim) => {
    const { token } = await granted(claim('one'))
    t.ok(Number.isSafeInteger(token) && token > 0)
    const answer = await store.acquire(claim('other'), LEASE_MS)
    t.match(answer, { kind: 'held', retryAfterMs: Number })
    const retryAfterMs = answer.kind === 'held' ? answer.retryAfterMs : 0
    t.ok(retryAfterMs > LEASE_MS / 2 && retryAfterMs <= LEASE_MS)
    t.equal(
      (await store.acquire(claim('other', 'another'), LEASE_MS)).kind,
      'granted',
      'another lock is free',
    )
  })

  await test('the same claim again is the same grant', async (t, claim) => {
    const first = await granted(claim('one'), shortMs)
    t.strictSame(await granted(claim('one')), first)
    await pass(2 * shortMs)
    t.equal((await store.acquire(claim('other'), LEASE_MS)).kind, 'held', 'with a new lease')
  })

  await test('a lock that is given back is free, and the next token is larger', async (t, claim) => {
    const one = await granted(claim('one'))
    t.ok(await store.release(one))
    t.notOk(await store.release(one), 'it was given back')
    const two = await granted(claim('two'))
    t.ok(two.token > one.token)
    t.notOk(await store.release(one), 'who had it before can’t give it back')
    t.notOk(await store.release({ ...two, token: one.token }))
    t.equal((await store.acquire(claim('three'), LEASE_MS)).kind, 'held')
  })

  await test('a lease that is not renewed ends; its owner can’t renew it then', async (t, claim) => {
    const one = await granted(claim('one'), shortMs)
    t.ok(await store.renew(one, shortMs))
    await pass(2 * shortMs)
    t.notOk(await store.renew(one, LEASE_MS), 'somebody may have had it since')
    const two = await granted(claim('two'))
    t.ok(two.token > one.token)
    t.notOk(await store.renew(one, LEASE_MS))
    t.notOk(await store.renew({ ...two, token: two.token - 1 }, LEASE_MS), 'the token is part of the grant')
    t.ok(await store.renew(two, shortMs))
    t.equal((await store.acquire(claim('three'), LEASE_MS)).kind, 'held')
  })

  await test('after a flush tokens go on, and who renews first has its lock again', async (t, claim) => {
    const one = await granted(claim('one'))
    const mine = await granted(claim('me', 'mine'))
    await flush()
    t.notOk(await store.release(one), 'nothing is known of it')
    const two = await granted(claim('two'))
    t.ok(two.token > one.token)
    t.notOk(await store.renew(one, LEASE_MS), 'a later owner has it')
    t.ok(two.token > mine.token)
    await flush()
    t.ok(await store.renew(mine, LEASE_MS), 'nobody else has had it')
    t.equal((await store.acquire(claim('other', 'mine'), LEASE_MS)).kind, 'held')
    t.ok(await store.release(mine))
  })

  await test('of two grants that were forgotten, the later one gets the lock back', async (t, claim) => {
    const one = await granted(claim('one'), shortMs)
    await pass(2 * shortMs)
    const two = await granted(claim('two'))
    await flush()
    t.ok(await store.renew(one, LEASE_MS), 'its owner does not know that it has ended')
    t.ok(await store.renew(two, LEASE_MS))
    t.notOk(await store.renew(one, LEASE_MS))
    const again = await granted(claim('two'))
    t.equal(again.token, two.token)
  })

  await test('of many who want it at the same time one gets it', async (t, claim) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.acquire(claim(`owner-${i}`), LEASE_MS)),
    )
    t.equal(answers.filter(({ kind }) => kind === 'granted').length, 1)
  })

  await test('scopes are apart, and hold so many locks at most', async (t, claim) => {
    await granted(claim('one', 'a'), shortMs)
    const b = await granted(claim('one', 'b'))
    await granted(claim('one', 'c'))
    await t.rejects(store.acquire(claim('one', 'd'), LEASE_MS), { code: 'OVERLOADED', retryAfterMs: Number })
    t.ok((await granted(claim('one', 'b'))).token === b.token, 'those that are held go on')
    const elsewhere = { ...claim('one', 'a'), scope: 'elsewhere' }
    t.equal((await store.acquire(elsewhere, LEASE_MS)).kind, 'granted')
    await pass(2 * shortMs)
    await granted(claim('one', 'd'))
    t.pass('an end makes room')
  })
}
