import { readMessage } from '#platform/json/read-message.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { chunkReplaySchema, stepChunksSchema } from '#schemas/step-chunks.ts'
import { parseChunksSubject, SUBJECTS } from '#subjects/subjects.ts'
import type { ChunkSource } from './chunk-follower.ts'

/** A process that is busy answers late; whoever watches gets on without what it has kept then. */
const REPLAY_TIMEOUT_MS = 2000

/** The chunks of a task over NATS: live, and from the processes that run its steps. */
export function natsChunks(
  bus: Pick<Bus, 'subscribe' | 'request'>,
  { tenant, taskId }: { tenant: string; taskId: string },
): ChunkSource {
  return {
    onChunks: (listener) =>
      bus.subscribe(SUBJECTS.chunksOfTask(tenant, taskId), ({ subject, data }) => {
        const address = parseChunksSubject(subject)
        const message = address && readMessage(data, stepChunksSchema)
        // The server has checked the subject, not what is in it.
        if (message?.taskId === address?.taskId && message && message.stepId === address?.stepId)
          listener(message, { agent: address.agent, bytes: data.length })
      }),
    async replay({ agent, stepId, attempt }) {
      const subject = SUBJECTS.chunkReplay({ tenant, agent, taskId, stepId }, attempt)
      try {
        const answer = await bus.request(subject, {}, { timeoutMs: REPLAY_TIMEOUT_MS })
        const parts = chunkReplaySchema.safeParse(answer).data?.parts ?? []
        return parts.filter((part) => part.taskId === taskId && part.stepId === stepId)
      } catch {
        // Nobody emits there, or not any more.
        return []
      }
    },
  }
}
