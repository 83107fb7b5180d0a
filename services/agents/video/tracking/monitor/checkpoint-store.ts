import { messageOf } from '#platform/errors/murmur-error.ts'
import type { AgentContext } from '#sdk/index.ts'
import { type Checkpoint, checkpointSchema } from './monitor-state.ts'

/** What keeps the states: Redis, or the JetStream of a site. */
export interface StateKeeping {
  get(key: string): Promise<string | null>
  setFor(key: string, text: string, ttlMs: number): Promise<unknown>
}

/** Where the next instance of a camera finds what this one knew. */
export interface CheckpointStore {
  /** Undefined when there is none, or none that can be read. Never rejects. */
  load(): Promise<Checkpoint | undefined>
  /** One after the other, each as things are when its turn comes. Never rejects: without Redis it only warns, once. */
  save(checkpoint: () => Checkpoint): Promise<void>
}

/** A monitor that no instance has tracked for so long is not resumed. */
const CHECKPOINT_TTL_MS = 600_000
/** Redis connects while a process starts: a first answer may take so long. */
const MAX_READ_ATTEMPTS = 5
const RETRY_DELAY_MS = 200
/** Enough digits for positions and variances; times are left as they are. */
const DIGITS = 7
const TIMES_FROM = 1e6

export function checkpointKey(monitor: string): string {
  return `camera:{${monitor}}:state`
}

export function createCheckpointStore(
  redis: StateKeeping | undefined,
  ctx: Pick<AgentContext, 'taskId' | 'log' | 'signal'>,
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>,
): CheckpointStore {
  const key = checkpointKey(ctx.taskId)
  let hasWarned = false
  let last: Promise<void> = Promise.resolve()

  function warnOnce(error: unknown): void {
    if (hasWarned) return
    hasWarned = true
    ctx.log.warn({ err: messageOf(error) }, 'tracking goes on without checkpoints')
  }

  async function read(from: StateKeeping): Promise<string | null> {
    for (let tries = 1; ; tries++) {
      try {
        return await from.get(key)
      } catch (error) {
        if (tries === MAX_READ_ATTEMPTS || ctx.signal.aborted) throw error
        await sleep(RETRY_DELAY_MS, ctx.signal)
      }
    }
  }

  async function write(to: StateKeeping, checkpoint: () => Checkpoint): Promise<void> {
    try {
      await to.setFor(key, JSON.stringify(checkpoint(), short), CHECKPOINT_TTL_MS)
      hasWarned = false
    } catch (error) {
      warnOnce(error)
    }
  }

  return {
    async load() {
      if (!redis) return undefined
      try {
        const text = await read(redis)
        return text === null ? undefined : checkpointSchema.parse(JSON.parse(text))
      } catch (error) {
        warnOnce(error)
        return undefined
      }
    },
    save(checkpoint) {
      if (!redis) return Promise.resolve()
      last = last.then(() => write(redis, checkpoint))
      return last
    },
  }
}

function short(_key: string, value: unknown): unknown {
  return typeof value === 'number' && Math.abs(value) < TIMES_FROM ? Number(value.toPrecision(DIGITS)) : value
}
