import { type Redis, readScript } from '#platform/redis/redis.ts'
import { PARTITION_KEYS, taskKeys } from '../partition/commit-args.ts'

const LEAVE = readScript('murmurLeaveTasks', new URL('./leave-tasks.lua', import.meta.url))

/** A finished task that is to leave, and until when it may be read (Unix ms). */
export interface LeavingTask {
  id: string
  untilMs: number
}

/**
 * Finished tasks that have left the store to make room because the archive has them. Of each its id stays (about 140 bytes, where a task
 * takes kilobytes), so that its key is known as used; when Redis is emptied, that is lost with the rest, and the partition says so
 * (`restoredAtMs`).
 */
export class LeftTasks {
  readonly #redis: Pick<Redis, 'script' | 'zscore'>

  constructor(redis: Pick<Redis, 'script' | 'zscore'>) {
    this.#redis = redis
  }

  /** Takes them out. What has begun anew, or expired, meanwhile stays as it is. @returns how many have left @throws MurmurError UNAVAILABLE */
  async leave(partition: number, tasks: readonly LeavingTask[], nowMs: number): Promise<number> {
    if (tasks.length === 0) return 0
    const { position, index, left } = PARTITION_KEYS
    const keys = [position, index, left].map((key) => key(partition))
    const args = tasks.flatMap(({ id, untilMs }) => [id, Math.ceil(untilMs)])
    const stored = tasks.flatMap(({ id }) => taskKeys(partition, id))
    return (await this.#redis.script(LEAVE, [...keys, ...stored], [Math.floor(nowMs), ...args])) as number
  }

  /** Until when one that has left may be read (Unix ms); undefined: it has not left. @throws MurmurError UNAVAILABLE */
  untilMs(partition: number, taskId: string): Promise<number | undefined> {
    return this.#redis.zscore(PARTITION_KEYS.left(partition), taskId)
  }
}
