import type { JetStreamManager, StreamConfig, StreamInfo } from '@nats-io/jetstream'
import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import { isNotFound } from './api-error.ts'
import { askLeader } from './ask-leader.ts'

/** What is said of a stream by its server, to be made again elsewhere. */
export type StreamDescription = Partial<StreamConfig> & { name: string }

/** How far a stream of the second site is. */
export interface MirrorState {
  readonly stream: string
  /** False: it is a stream of its own. */
  readonly isMirror: boolean
  readonly messages: number
  readonly lastSeq: number
  /** Messages that it is known to lack; undefined for a stream of its own. */
  readonly lag: number | undefined
  /** How long ago the first site was heard; undefined: never, or not a mirror. Milliseconds. */
  readonly heardMs: number | undefined
}

/** In the metadata of a mirror: what it can't have as long as it is one. */
const AS_FOLLOWED = 'murmur.followed'
const keptSchema = z.object({ subjects: z.array(z.string()).optional(), discard: z.enum(['old', 'new']) })

/** What the server tells of a mirror. `active`: nanoseconds, below 0: never. */
interface SourceInfo {
  lag: number
  active: number
}

/**
 * Streams of this site that follow those of another one, in another JetStream domain. They keep numbers and times of messages; what is
 * deleted there before its time stays here.
 */
export class StreamMirrors {
  readonly #jsm: JetStreamManager

  constructor(jsm: JetStreamManager) {
    this.#jsm = jsm
  }

  /** How a stream was made; undefined when it is not there. @throws MurmurError UNAVAILABLE */
  async describe(stream: string): Promise<StreamDescription | undefined> {
    return (await this.#info(stream))?.config
  }

  /**
   * Makes a mirror of a stream; one that is there already stays.
   * @param from how the stream was made that is followed
   * @param about.domain the JetStream domain of the other site; `deliver`: what subjects begin with on which messages come;
   * `replicas`: copies of it, where not as many as there
   * @throws MurmurError STREAM_MISMATCH when this site has a stream of its own under that name; UNAVAILABLE
   */
  async follow(
    from: StreamDescription,
    about: { domain: string; deliver: string; replicas?: number | undefined },
  ): Promise<void> {
    const there = await this.#info(from.name)
    if (there?.config.mirror) return
    if (there)
      throw new MurmurError(
        'STREAM_MISMATCH',
        `stream ${from.name} is there, and is no mirror: this site has run by itself`,
      )
    const external = { api: `$JS.${about.domain}.API`, deliver: about.deliver }
    const mirror = { name: from.name, external } as NonNullable<StreamConfig['mirror']>
    const num_replicas = about.replicas ?? from.num_replicas ?? 1
    await askLeader(() => this.#jsm.streams.add({ ...followed(from), num_replicas, mirror }))
  }

  /** Undefined when the stream is not there. @throws MurmurError UNAVAILABLE */
  async state(stream: string): Promise<MirrorState | undefined> {
    const info = await this.#info(stream)
    if (!info) return undefined
    const source = (info as { mirror?: SourceInfo }).mirror
    const isMirror = info.config.mirror !== undefined
    return {
      stream,
      isMirror,
      messages: info.state.messages,
      lastSeq: info.state.last_seq,
      lag: isMirror ? source?.lag : undefined,
      heardMs: source && source.active >= 0 ? Math.round(source.active / 1e6) : undefined,
    }
  }

  /** Makes a mirror a stream of its own, with what it has; for ever. One that is so already stays. @throws MurmurError UNAVAILABLE */
  async promote(stream: string): Promise<void> {
    const info = await this.#info(stream)
    if (!info?.config.mirror) return
    const { mirror: _followed, metadata = {}, ...config } = info.config
    const { [AS_FOLLOWED]: kept = '', ...others } = metadata
    const own = readMessage(kept, keptSchema)
    // Named, or the client sends what was there before.
    const alone = { ...config, ...own, metadata: others, mirror: undefined }
    await askLeader(() => this.#jsm.streams.update(stream, alone as unknown as Partial<StreamConfig>))
  }

  async #info(stream: string): Promise<StreamInfo | undefined> {
    try {
      return await askLeader(() => this.#jsm.streams.info(stream))
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
}

/**
 * The same stream as one that follows: it has no subjects, nobody publishes there. What is purged at the other site is not purged here: a
 * full one forgets the oldest, and does not stand still.
 */
function followed(from: StreamDescription): StreamDescription {
  const config = from as StreamConfig
  const { subjects, placement: _p, sources: _o, discard_new_per_subject: _d, metadata, ...kept } = config
  const own = { ...(subjects && { subjects }), discard: config.discard }
  return {
    ...kept,
    discard: 'old' as StreamConfig['discard'],
    metadata: { ...metadata, [AS_FOLLOWED]: JSON.stringify(own) },
  }
}
