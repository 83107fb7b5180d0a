import t from 'tap'
import { hashOf } from '../../../services/orchestrator/checkpoints/checkpoint-state.ts'
import { KnownCheckpoints } from '../../../services/orchestrator/checkpoints/known-checkpoints.ts'
import { MemoryCheckpointLog } from '../../support/memory-checkpoint-log.ts'

const { signal } = new AbortController()
const claims = [{ claim: 'me', from: 2 }]

async function world() {
  const log = new MemoryCheckpointLog()
  let reads = 0
  const counted = {
    lastSeq: () => log.lastSeq(),
    readLast: (...about: Parameters<MemoryCheckpointLog['readLast']>) => {
      reads++
      return log.readLast(...about)
    },
  }
  const write = (taskId: string, claim: string, upTo = 5, afterSeq = 0) =>
    log.writeState(
      0,
      { v: 1, taskId, claim, foldedTo: upTo, upTo, upToMs: 1, state: { n: upTo } },
      { tenant: 'default', afterSeq },
    )
  for (const [taskId, claim] of [
    ['before', 'former'],
    ['old', 'former'],
    ['mine', 'me'],
    ['late', 'former'],
  ] as const)
    await write(taskId, claim)
  const known = new KnownCheckpoints()
  const refresh = (foldedTo = 10) => known.refresh(counted, { partition: 0, claims, foldedTo, signal })
  return { log, known, write, refresh, reads: () => reads }
}

t.test('what there is, and what of it was written by who may not', async (t) => {
  const { known, refresh, reads } = await world()
  await refresh()
  t.strictSame(
    [...known.entries()].map(([id, { isForeign, hash }]) => [id, isForeign, hash === hashOf('{"n":5}')]),
    [
      ['before', false, true],
      ['old', false, true],
      ['mine', false, true],
      ['late', true, false],
    ],
  )
  await refresh()
  t.equal(reads(), 1, 'nobody has written since')
})

t.test('it is read again where somebody else has written, and what is known of others stays', async (t) => {
  const { known, write, refresh, reads } = await world()
  await refresh()
  known.get('old')!.isDirty = false
  await write('mine', 'former', 6, 3)
  await refresh()
  t.equal(reads(), 2)
  t.match(known.get('mine'), { isForeign: true, isDirty: true, hash: '' })
  t.match(known.get('old'), { isDirty: false })
  known.wrote(100)
  await refresh()
  t.equal(reads(), 2, 'what was written here is known')
})

t.test('what was made from events that are not folded here is written again', async (t) => {
  const { known, refresh } = await world()
  await refresh(4)
  t.equal(known.get('mine')?.hash, '')
})

t.test('a mark costs nothing where there is no checkpoint', (t) => {
  const known = new KnownCheckpoints()
  known.mark('a')
  t.equal(known.size, 0)
  known.of('a').isDirty = false
  known.mark('a')
  t.equal(known.get('a')?.isDirty, true)
  known.forget('a')
  t.equal(known.get('a'), undefined)
  t.end()
})

t.test('a task that was stored no more and changes again is there again', async (t) => {
  const { known, refresh } = await world()
  await refresh()
  known.of('mine').ended = 'gone'
  known.of('before').ended = 7
  known.mark('mine')
  known.mark('before')
  t.equal(known.get('mine')?.ended, undefined, 'its end has to be looked at anew')
  t.equal(known.get('before')?.ended, 7, 'what comes late for it changes nothing of that')
})
