import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type PartitionPosition, type PartitionStore, PositionUnreadable } from './partition-store.ts'

const RETRY_AFTER_MS = 1000

/**
 * The position of a partition that is level: what is not stored of it does not exist.
 * @throws MurmurError UNAVAILABLE while it is built anew: then nobody can say what there is
 */
export async function assertLevel(
  store: Pick<PartitionStore, 'position'>,
  partition: number,
): Promise<PartitionPosition> {
  const position = await store.position(partition).catch((error: unknown) => {
    if (error instanceof PositionUnreadable) return undefined
    throw error
  })
  if (position?.level) return position
  throw unavailableNow('the tasks of this partition are read from the log again')
}

/** @throws MurmurError UNAVAILABLE, PAYLOAD_KEY_MISSING in place of a task that is there and can't be read just now */
export function refuseUnreadable({ keyMissing }: { keyMissing?: MurmurError } = {}): never {
  if (keyMissing) throw keyMissing
  throw unavailableNow('the state of the task is made again')
}

/** What is asked for can be answered truthfully in a moment. */
export function unavailableNow(why: string): MurmurError {
  return new MurmurError('UNAVAILABLE', `${why}; ask again in a moment`, { retryAfterMs: RETRY_AFTER_MS })
}
