import type { TaskState } from '#schemas/task.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { CheckpointLog } from './checkpoint-log.ts'
import { encodeState, hashOf, openLists, piecesOf } from './checkpoint-state.ts'
import type { KnownCheckpoint, KnownCheckpoints } from './known-checkpoints.ts'

export interface WriteDeps {
  partition: number
  store: Pick<PartitionStore, 'readItems'>
  log: CheckpointLog
  known: KnownCheckpoints
}

/** What was true when the state was read. */
export interface ReadAt {
  claim: string
  /** Offset of the partition before, and behind; when the broker stored the message at the latter (Unix ms). */
  foldedTo: number
  upTo: number
  upToMs: number
}

/**
 * Writes the state of a task, if it is another one than stands there: what is beside it first, the state last.
 * @returns `written`; `same`; `left`: it changes just now, or somebody else has written: to be tried again with the state of then
 * @throws MurmurError UNAVAILABLE, OVERLOADED when there is no room
 */
export async function writeCheckpoint(
  { partition, store, log, known }: WriteDeps,
  state: TaskState,
  at: ReadAt,
): Promise<'written' | 'same' | 'left'> {
  const { id: taskId, tenant } = state
  const json = JSON.stringify(state)
  const hash = hashOf(json)
  const entry = known.of(taskId)
  if (entry.hash === hash) return 'same'
  const of = { tenant, taskId }
  for (const { stepId, total, begun, completed } of openLists(state)) {
    const outcomes = await store.readItems(partition, { taskId, stepId, from: 0, count: begun })
    const outputs = outcomes.filter((outcome) => outcome !== undefined && 'output' in outcome).length
    // The list was made whole meanwhile, and what stood beside the state was forgotten.
    if (outputs < completed) return left(entry)
    const changed = [...piecesOf(outcomes, total)].filter(
      ([piece, items]) => entry.items.get(`${stepId} ${piece}`) !== items.length,
    )
    await Promise.all(
      changed.map(async ([piece, items]) => {
        known.wrote(await log.writeItems(partition, of, { stepId, piece, items }))
        entry.items.set(`${stepId} ${piece}`, items.length)
      }),
    )
  }
  const { claim, foldedTo, upTo, upToMs } = at
  const body = await encodeState(state, json)
  const parts = 'parts' in body ? body.parts : []
  const seqs = await Promise.all(
    parts.map((data, part) => log.writePart(partition, of, { upTo, part, data })),
  )
  for (const seq of seqs) known.wrote(seq)
  const record = {
    ...{ v: 1 as const, taskId, claim, after: entry.seq, foldedTo, upTo, upToMs },
    ...('parts' in body ? { parts: parts.length } : { state: body.state }),
  }
  const stored = await log.writeState(partition, record, { tenant, afterSeq: entry.seq })
  if ('takenBy' in stored) {
    entry.seq = stored.takenBy
    entry.hash = ''
    return left(entry)
  }
  known.wrote(stored.seq)
  const before = entry.parts
  entry.seq = stored.seq
  entry.hash = hash
  entry.isForeign = false
  entry.parts = parts.length > 0 ? { upTo, count: parts.length } : undefined
  if (before && before.upTo !== upTo) await log.removeParts(partition, taskId, before.upTo, before.count)
  return 'written'
}

function left(entry: KnownCheckpoint): 'left' {
  entry.isDirty = true
  return 'left'
}
