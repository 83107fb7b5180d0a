import t from 'tap'
import type { Commit } from '../../../services/orchestrator/partition/partition-store.ts'
import { openBus } from '../../support/bus.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { RecordingEmitter, startOwner, writeLog } from '../../support/owner-fixture.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 4, storageBytes: 1024 ** 3 })

const PLAN = { steps: [{ id: 'a', agent: 'x' }] }

/** A store of which answers get lost: a commit goes through, or does not, and nobody is told. */
class SilentStore extends MemoryPartitionStore {
  readonly asked: Commit[] = []
  /** What becomes of the next commits with tasks in them. */
  readonly next: ('lost-before' | 'lost-after')[] = []

  override async commit(partition: number, commit: Commit): Promise<boolean> {
    if (commit.writes.length === 0) return super.commit(partition, commit)
    this.asked.push(commit)
    const outcome = this.next.shift()
    if (outcome === 'lost-before') throw new Error('the connection is gone')
    const answer = await super.commit(partition, commit)
    if (outcome === 'lost-after') throw new Error('Command timed out')
    return answer
  }
}

for (const [partition, outcome] of (['lost-after', 'lost-before'] as const).entries())
  t.test(`a commit without an answer is asked for again, under its id: ${outcome}`, async (t) => {
    const [store, emitter] = [new SilentStore(), new RecordingEmitter()]
    store.next.push(outcome, outcome)
    const { seen } = startOwner(t, { bus, store, emitter, partition })
    const taskId = `silent-${partition}`
    await writeLog(bus, partition, 'accepted', acceptedTask({ taskId, plan: PLAN }))
    await until('the step is out', () => emitter.attempts.length > 0)
    t.equal(store.asked.length, 3, 'until there was an answer')
    t.equal(new Set(store.asked.map(({ id }) => id)).size, 1, 'the same commit each time')
    t.equal(seen.conflicts, 0, 'nobody else had moved the partition')
    t.strictSame(emitter.attempts, [`${taskId}:a:1`], 'and it counts once')
    t.strictSame(await store.depth(partition), new Map([['plan', 1]]))
  })

t.test('a commit that is refused is not: somebody else has moved the partition', async (t) => {
  const partition = 2
  const [store, emitter] = [new SilentStore(), new RecordingEmitter()]
  const { seen } = startOwner(t, { bus, store, emitter, partition })
  await writeLog(bus, partition, 'accepted', acceptedTask({ taskId: 'first', plan: PLAN }))
  await until('the first is out', () => emitter.attempts.length === 1)
  // Another owner has written meanwhile.
  const position = (await store.position(partition))!
  const commit = store.asked.at(-1)!
  const moved = { ...commit, id: 'other', expectedOffset: position.offset, offset: position.offset + 1000 }
  t.ok(await store.commit(partition, { ...moved, depth: new Map(), tenants: new Map() }))
  await writeLog(bus, partition, 'accepted', acceptedTask({ taskId: 'second', plan: PLAN }))
  await until('it notices', () => seen.conflicts > 0)
  t.notOk(emitter.attempts.includes('second:a:1'), 'nothing is sent for what was not written')
})
