import { randomUUID } from 'node:crypto'
import type { Bus } from './bus.ts'
import { type PublishOptions, WrongLastSequence } from './publisher.ts'
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
  about: {
    stream: string
    subject: string
    data: string
    afterSeq: number
    payload?: PublishOptions['payload']
  },
): Promise<PublishedAfter> {
  const { stream, subject, data, afterSeq, payload } = about
  const msgId = randomUUID()
  try {
    const { seq } = await publisher.publish(subject, data, {
      msgId,
      giveUpAfterMs: PUBLISH_TIMEOUT_MS,
      expectedLastSeq: afterSeq,
      refuseWhenFull: true,
      ...(payload && { payload }),
    })
    return { seq }
  } catch (error) {
    if (!(error instanceof WrongLastSequence)) throw error
    const last = await streams.lastMessage(stream, subject)
    // Stored, and the acknowledgement was lost: sent again, it stood in its own way.
    return last?.header('Nats-Msg-Id') === msgId ? { seq: last.seq } : { last }
  }
}

/**
 * Stores again what stood on a subject before somebody took its place who may not write there. Of all who try one is heard.
 * @param record undefined: nothing is known that stood there
 * @returns whether this one was
 */
export async function putBack(
  { publisher }: Pick<Bus, 'publisher'>,
  { subject, seq }: { subject: string; seq: number },
  record: object | undefined,
): Promise<boolean> {
  if (!record) return false
  try {
    await publisher.publish(subject, JSON.stringify(record), {
      msgId: randomUUID(),
      giveUpAfterMs: PUBLISH_TIMEOUT_MS,
      expectedLastSeq: seq,
      refuseWhenFull: true,
    })
    return true
  } catch {
    // Another one was faster; or it can't be stored now, and what is in memory holds until the process ends.
    return false
  }
}
