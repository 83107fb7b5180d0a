import t from 'tap'
import type { Redis, Script } from '#platform/redis/redis.ts'
import type { Problem } from '#schemas/problem.ts'
import { SubmissionOutcomes } from '../../../services/orchestrator/intake/submission-outcomes.ts'

/** Keeps the outcomes that the script would keep. */
function outcomes() {
  const calls: { script: string; keys: string[]; args: (string | number)[] }[] = []
  const hashes = new Map<string, Map<string, string>>()
  const redis: Pick<Redis, 'script' | 'hmget'> = {
    async script(script: Script, keys, args) {
      calls.push({ script: script.name, keys, args })
      const hash = hashes.get(keys[0]!) ?? new Map<string, string>()
      hashes.set(keys[0]!, hash)
      for (let at = 3; at < args.length; at += 2) hash.set(String(args[at]), String(args[at + 1]))
      return hash.size
    },
    hmget: async (key, ...fields) => fields.map((field) => hashes.get(key)?.get(field) ?? null),
  }
  return { outcomes: new SubmissionOutcomes(redis), calls, hashes }
}

const PROBLEM: Problem = { code: 'UNKNOWN_AGENT', status: 400, message: 'no agent', fix: 'start it' }

t.test('what was noted is found under each of its names, by its tenant', async (t) => {
  const { outcomes: store, calls } = outcomes()
  const accepted = { status: 'accepted' as const, taskId: 'task-1' }
  await store.record('north', { messageId: 'm', seq: 7 }, accepted, 1000)
  t.strictSame(await store.find('north', { messageId: 'm' }), accepted)
  t.strictSame(await store.find('north', { seq: 7 }), accepted)
  t.equal(await store.find('north', { seq: 8 }), undefined)
  t.equal(await store.find('south', { seq: 7 }), undefined)
  t.equal(await store.find('north', {}), undefined)
  t.match(calls, [
    {
      script: 'murmurRecordOutcome',
      keys: ['murmur:{submissions:north}:entries', 'murmur:{submissions:north}:order'],
      args: [1000, 3_600_000, 10_000, /^id:[\w-]{43}$/, /task-1/, 'seq:7', /task-1/],
    },
  ])
})

t.test('long faults are cut', async (t) => {
  const { outcomes: store } = outcomes()
  const issues = Array.from({ length: 9 }, (_, i) => ({ path: `p${i}`, message: 'm'.repeat(3000) }))
  const error = { ...PROBLEM, message: 'x'.repeat(5000), issues }
  await store.record('north', { seq: 1 }, { status: 'rejected', error }, 0)
  const found = await store.find('north', { seq: 1 })
  if (found?.status !== 'rejected') throw new Error('it was rejected')
  t.equal(found.error.message.length, 1000)
  t.strictSame(
    found.error.issues?.map(({ path, message }) => `${path} ${message.length}`),
    ['p0 1000', 'p1 1000', 'p2 1000', 'p3 1000', 'p4 1000'],
  )
})

t.test('without a name nothing is written, and what is no note is none', async (t) => {
  const { outcomes: store, calls, hashes } = outcomes()
  await store.record('north', {}, { status: 'waiting' }, 0)
  t.strictSame(calls, [])
  await store.record('north', { seq: 1 }, { status: 'rejected', error: PROBLEM }, 0)
  t.strictSame(await store.find('north', { seq: 1 }), { status: 'rejected', error: PROBLEM })
  hashes.get('murmur:{submissions:north}:entries')!.set('seq:1', '{"status":"dancing"}')
  t.equal(await store.find('north', { seq: 1 }), undefined)
})
