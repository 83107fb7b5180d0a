import type { Redis } from '#platform/redis/redis.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { TaskState } from '#schemas/task.ts'
import type { PartitionPosition, UnreadableTask } from '../partition/partition-store.ts'
import { RedisPartitionStore } from '../partition/redis-partition-store.ts'

/**
 * Of a partition that there is not, or not any more, everything is known: it has nothing. So whoever asks for a task that ended in one
 * long ago, or for an id that somebody made up, hears that, and not that it is to be seen.
 */
const NOTHING_THERE: PartitionPosition = {
  offset: Number.MAX_SAFE_INTEGER,
  emitted: Number.MAX_SAFE_INTEGER,
  level: true,
  log: undefined,
}

/** The fold in Redis, of partitions that there are. */
export class LivePartitionStore extends RedisPartitionStore {
  readonly #isLive: (partition: number) => boolean | Promise<boolean>

  /** @param isLive whether there is such a partition; throws MurmurError UNAVAILABLE while nobody can say */
  constructor(
    redis: Redis,
    codec: PayloadCodec | undefined,
    isLive: (partition: number) => boolean | Promise<boolean>,
  ) {
    super(redis, codec)
    this.#isLive = isLive
  }

  override async position(partition: number): Promise<PartitionPosition | undefined> {
    const isLive = this.#isLive(partition)
    return isLive === true || (await isLive) ? super.position(partition) : NOTHING_THERE
  }

  override async readTasks(
    partition: number,
    ids: string[],
    onUnreadable?: (unreadable: UnreadableTask) => void,
  ): Promise<(TaskState | undefined)[]> {
    const isLive = this.#isLive(partition)
    return isLive === true || (await isLive)
      ? super.readTasks(partition, ids, onUnreadable)
      : ids.map(() => undefined)
  }
}
