import type { JetStreamManager } from '@nats-io/jetstream'

/** What a stream holds and may hold; limits of 0 or below are none. */
export interface StreamFill {
  bytes: number
  maxBytes: number
  messages: number
  maxMessages: number
  /** The last message that it got. */
  lastSeq: number
  /** Messages by subject, where those were asked for. */
  subjects: ReadonlyMap<string, number>
}

/** How full a stream is. @param subjectsOf also how many messages each of these subjects has; it may hold wildcards */
export async function streamFill(
  jsm: JetStreamManager,
  stream: string,
  subjectsOf?: string,
): Promise<StreamFill> {
  const query = subjectsOf === undefined ? undefined : { subjects_filter: subjectsOf }
  const { config, state } = await jsm.streams.info(stream, query)
  return {
    bytes: state.bytes,
    maxBytes: config.max_bytes,
    messages: state.messages,
    maxMessages: config.max_msgs,
    lastSeq: state.last_seq,
    subjects: new Map(Object.entries(state.subjects ?? {})),
  }
}
