import type { z } from 'zod'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { LIMITS } from '#schemas/limits.ts'
import { chunkReplaySchema, stepChunksSchema } from '#schemas/step-chunks.ts'
import { parseChunksSubject, SUBJECTS } from '#subjects/subjects.ts'
import type { ChunkSource } from './chunk-follower.ts'

/** A process that is busy answers late; whoever watches gets on without what it has kept then. */
const REPLAY_TIMEOUT_MS = 2000

/** A whole buffer with what is around it: what is told on has to fit into a message of any transport. */
const MAX_PART_BYTES = LIMITS.chunkBufferBytes + 64 * 1024
/** All that a message takes by default. */
const MAX_REPLAY_BYTES = 1024 * 1024
/** Levels of a chunk, and of what is around it. */
const BOUNDS = { maxDepth: LIMITS.chunkDepth + 4, numbers: 'nearest' } as const

/** Agents of any make publish there: what is too deep to be told on, or of another form, is passed over. */
function read<Schema extends z.ZodType>(
  data: Uint8Array,
  schema: Schema,
  maxBytes: number,
): z.output<Schema> | undefined {
  try {
    return schema.safeParse(parseBoundedJson(data, { ...BOUNDS, maxBytes })).data
  } catch {
    return undefined
  }
}

/** The chunks of a task over NATS: live, and from the processes that run its steps. */
export function natsChunks(
  bus: Pick<Bus, 'subscribe' | 'requestBytes'>,
  { tenant, taskId }: { tenant: string; taskId: string },
): ChunkSource {
  return {
    onChunks: (listener) =>
      bus.subscribe(SUBJECTS.chunksOfTask(tenant, taskId), ({ subject, data }) => {
        const address = parseChunksSubject(subject)
        const message = address && read(data, stepChunksSchema, MAX_PART_BYTES)
        // The server has checked the subject, not what is in it.
        if (message?.taskId === address?.taskId && message && message.stepId === address?.stepId)
          listener(message, { agent: address.agent, bytes: data.length })
      }),
    async replay({ agent, stepId, attempt }) {
      const subject = SUBJECTS.chunkReplay({ tenant, agent, taskId, stepId }, attempt)
      try {
        const answer = await bus.requestBytes(subject, {}, { timeoutMs: REPLAY_TIMEOUT_MS })
        const parts = read(answer, chunkReplaySchema, MAX_REPLAY_BYTES)?.parts ?? []
        return parts.filter(
          (part) =>
            part.taskId === taskId &&
            part.stepId === stepId &&
            Buffer.byteLength(JSON.stringify(part.chunks)) <= MAX_PART_BYTES,
        )
      } catch {
        // Nobody emits there, or not any more.
        return []
      }
    },
  }
}
