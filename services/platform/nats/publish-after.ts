import { randomUUID } from 'node:crypto'
import type { Bus } from './bus.ts'
import { WrongLastSequence } from './publisher.ts'
import type { StoredMessage } from './streams.ts'

const PUBLISH_TIMEOUT_MS = 5000

/** Where it was stored; or what somebody else has stored meanwhile: the last message of the subject, if there is one. */
export type PublishedAfter = { seq: number } | { last: StoredMessage | undefined }

/**
 * Stores a message behind the one that the subject was read up to, so that of two who decide about the same only one is heard.
 * @param options.afterSeq the place of that message; 0: where there is none
 * @throws MurmurError UNAVAILABLE, OVERLOADED when there is no room
 */
export async function publishAfter(
  { publisher, streams }: Pick<Bus, 'publisher' | 'streams'>,
  { stream, subject, data, afterSeq }: { stream: string; subject: string; data: string; afterSeq: number },
): Promise<PublishedAfter> {
  const msgId = randomUUID()
  try {
    const { seq } = await publisher.publish(subject, data, {
      msgId,
      giveUpAfterMs: PUBLISH_TIMEOUT_MS,
      expectedLastSeq: afterSeq,
      refuseWhenFull: true,
    })
    return { seq }
  } catch (error) {
    if (!(error instanceof WrongLastSequence)) throw error
    const last = await streams.lastMessage(stream, subject)
    // Stored, and the acknowledgement was lost: sent again, it stood in its own way.
    return last?.header('Nats-Msg-Id') === msgId ? { seq: last.seq } : { last }
  }
}
