import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  type ConsumerSpec,
  FRAMES_STREAM,
  framesConsumer,
  queueRoom,
  STREAMS,
  type StreamSpec,
  streamBytes,
} from '#subjects/streams.ts'
import { isNotFound } from './api-error.ts'
import { askLeader } from './ask-leader.ts'
import {
  type Copies,
  type CopiesChange,
  copiesConfig,
  firstStep,
  isWithoutPlace,
  untilSettled,
  wantedCopies,
} from './stream-copies.ts'

const NAME_IN_USE = 10058
const CONSUMER_EXISTS = 10148
const NO_STORAGE = 10047
/** Whoever starts has time: the servers may just be electing who places streams. */
const PATIENCE = { waitMs: 30_000 }
/** A queue of frames that no detector asks any more. Nanoseconds. */
const IDLE_QUEUE_NS = 10 * 60 * 1e9
const PARTITIONS_MARK = /partitions=(\d+)/

export interface ProvisionOptions {
  partitions: number
  storageBytes: number
  /** Copies of each stream; undefined: three where the servers are a cluster of as many, else one. */
  replicas?: number | undefined
  /** Tags that each server has to have which holds a copy; without any: what is there stays where it is. */
  placementTags?: readonly string[] | undefined
  /** Told before a stream gets more copies or fewer; how far they are: `ClusterSurvey.stream`. */
  onCopies?: ((change: CopiesChange) => void) | undefined
}

/** What holds afterwards. */
export interface Provisioned {
  partitions: number
  copies: Copies
}

/**
 * Makes the streams, or brings existing ones to what is asked, and compares what the server says it has with it: old
 * servers drop options that they don't know without a word. Safe to call from several processes at once.
 * @param isCluster whether the server is one of several
 * @returns the number of partitions, which is that of the LOG when it exists already
 * @throws MurmurError STREAM_MISMATCH, UNAVAILABLE (not enough storage, or servers)
 */
export async function provisionStreams(
  jsm: JetStreamManager,
  options: ProvisionOptions,
  isCluster = false,
): Promise<Provisioned> {
  const copies = wantedCopies({ ...options, isCluster })
  let partitions = options.partitions
  const existing = await findStream(jsm, STREAMS.log.name)
  const marked = PARTITIONS_MARK.exec(existing?.description ?? '')?.[1]
  if (marked) partitions = Number(marked)
  for (const spec of Object.values(STREAMS)) {
    const wanted = streamConfig(spec, options.storageBytes)
    // The number of partitions can't change once there are events; it is written where every server keeps it.
    if (spec === STREAMS.log) wanted.description = `events of all tasks; partitions=${partitions}`
    await ensureCopies(jsm, wanted, { copies, onCopies: options.onCopies })
  }
  return { partitions, copies }
}

/**
 * The same with as many copies as are wanted. Where the servers don't take the default, `copies` says so from then on.
 * @throws MurmurError UNAVAILABLE when there are too few servers for what was asked
 */
async function ensureCopies(
  jsm: JetStreamManager,
  wanted: Partial<StreamConfig> & { name: string },
  { copies, onCopies }: { copies: Copies; onCopies: ProvisionOptions['onCopies'] },
): Promise<void> {
  const had = copies.replicas === undefined ? undefined : (await findStream(jsm, wanted.name))?.num_replicas
  const config = copiesConfig(copies, had)
  const to = config.num_replicas
  try {
    if (had !== undefined && to !== undefined && had !== to)
      onCopies?.({ stream: wanted.name, from: had, to })
    const first = firstStep(config, had)
    if (first) await untilSettled(() => ensureStream(jsm, { ...wanted, ...first }))
    await untilSettled(() => ensureStream(jsm, { ...wanted, ...config }))
  } catch (error) {
    if (!isWithoutPlace(error)) throw error
    if (!copies.isDefault || copies.replicas === undefined)
      throw new MurmurError(
        'UNAVAILABLE',
        `NATS has no servers for ${to ?? 1} copies of stream ${wanted.name}${copies.tags.length > 0 ? ` with the tags ${copies.tags.join(', ')}` : ''}: start more, or set MURMUR_REPLICAS lower`,
        { cause: error },
      )
    copies.replicas = undefined
    await ensureCopies(jsm, wanted, { copies, onCopies })
  }
}

/**
 * Makes the stream of frames and the consumer that the detectors of a model share: again after every restart of the server, which
 * keeps neither. Nothing is acknowledged and nothing kept on disk; a consumer that nobody asks any more goes by itself.
 * @throws MurmurError STREAM_MISMATCH, UNAVAILABLE (not enough memory)
 */
export async function provisionFrames(jsm: JetStreamManager, model?: string): Promise<void> {
  const { stream, name, filterSubject } = framesConsumer(model)
  await ensureStream(jsm, streamConfig(FRAMES_STREAM, 0))
  await jsm.consumers.add(stream, {
    durable_name: name,
    filter_subject: filterSubject,
    // What waits is of use to somebody who is late only for as long as it is kept.
    ...(model !== undefined && { inactive_threshold: IDLE_QUEUE_NS }),
    ack_policy: AckPolicy.None,
    max_waiting: 512,
    mem_storage: true,
  })
}

/** Makes one stream with a size of its own, or brings it to what is asked. @throws MurmurError STREAM_MISMATCH, UNAVAILABLE */
export function provisionStream(jsm: JetStreamManager, spec: StreamSpec): Promise<void> {
  return ensureStream(jsm, streamConfig(spec, 0))
}

/**
 * Makes a durable pull consumer or updates it.
 * @throws MurmurError STREAM_MISMATCH when the server has something else under that name
 */
export async function provisionConsumer(jsm: JetStreamManager, spec: ConsumerSpec): Promise<void> {
  const wanted = {
    durable_name: spec.name,
    ack_policy: AckPolicy.Explicit,
    filter_subject: spec.filterSubject,
    ack_wait: spec.ackWaitMs * 1e6,
    max_deliver: spec.maxDeliver,
    max_ack_pending: spec.maxAckPending,
    max_waiting: 2048,
    ...(spec.begins === 'new' && { deliver_policy: DeliverPolicy.New }),
  }
  const what = `consumer ${spec.stream}/${spec.name}`
  const adding = askLeader(() => jsm.consumers.add(spec.stream, wanted))
  const { config } = await adding.catch((error: unknown) => {
    if (!(error instanceof JetStreamApiError) || error.code !== CONSUMER_EXISTS) throw error
    // Another release made it with other limits.
    const updating = askLeader(() => jsm.consumers.update(spec.stream, spec.name, wanted))
    return updating.catch((cause: unknown) => {
      if (cause instanceof MurmurError) throw cause
      throw new MurmurError('STREAM_MISMATCH', `${what} exists with settings that can't be changed`, {
        cause,
      })
    })
  })
  compare(what, wanted, config as unknown as Record<string, unknown>)
}

function streamConfig(spec: StreamSpec, storageBytes: number): Partial<StreamConfig> & { name: string } {
  const room = queueRoom(spec, storageBytes)
  return {
    name: spec.name,
    subjects: spec.subjects,
    retention: spec.retention === 'workqueue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    discard: spec.discard === 'new' ? DiscardPolicy.New : DiscardPolicy.Old,
    storage: spec.storage === 'file' ? StorageType.File : StorageType.Memory,
    max_age: spec.maxAgeMs * 1e6,
    max_bytes: spec.maxBytes ?? streamBytes(spec, storageBytes),
    ...(spec.maxPerSubject !== undefined && { max_msgs_per_subject: spec.maxPerSubject }),
    ...(room !== undefined && { max_msgs_per_subject: room, discard_new_per_subject: true }),
    duplicate_window: spec.duplicateWindowMs * 1e6,
  }
}

async function ensureStream(
  jsm: JetStreamManager,
  wanted: Partial<StreamConfig> & { name: string },
): Promise<void> {
  try {
    const { config } = await askLeader(() => jsm.streams.add(wanted), PATIENCE)
    compare(`stream ${wanted.name}`, wanted, config as unknown as Record<string, unknown>)
  } catch (error) {
    const code = error instanceof JetStreamApiError ? error.code : undefined
    // A server whose storage is all promised says so even of a stream that it has already.
    if (code === NO_STORAGE && !(await findStream(jsm, wanted.name)))
      throw tooLittleStorage(wanted.name, error)
    if (code !== NAME_IN_USE && code !== NO_STORAGE) throw error
    await updateStream(jsm, wanted)
  }
}

/** Another release made it with other limits: limits may change, what defines the stream may not. */
async function updateStream(
  jsm: JetStreamManager,
  asked: Partial<StreamConfig> & { name: string },
): Promise<void> {
  try {
    const wanted = asked.discard_new_per_subject ? await withoutLoss(jsm, asked) : asked
    const { config } = await askLeader(() => jsm.streams.update(wanted.name, wanted), PATIENCE)
    compare(`stream ${wanted.name}`, wanted, config as unknown as Record<string, unknown>)
  } catch (cause) {
    if (cause instanceof MurmurError) throw cause
    if (cause instanceof JetStreamApiError && cause.code === NO_STORAGE)
      throw tooLittleStorage(asked.name, cause)
    throw new MurmurError(
      'STREAM_MISMATCH',
      `stream ${asked.name} exists with settings that can't be changed`,
      { cause },
    )
  }
}

function tooLittleStorage(stream: string, cause: unknown): MurmurError {
  const text = `NATS has not enough storage for stream ${stream}; set MURMUR_STORAGE_GIB lower`
  return new MurmurError('UNAVAILABLE', text, { cause })
}

/**
 * A server that is told of less room for a subject deletes what lies above, whatever the stream says about discarding. So the
 * room stays above what the longest queue holds, with as much again for what comes meanwhile; a later start takes it down.
 */
async function withoutLoss(
  jsm: JetStreamManager,
  wanted: Partial<StreamConfig> & { name: string },
): Promise<Partial<StreamConfig> & { name: string }> {
  const { config, state } = await jsm.streams.info(wanted.name, { subjects_filter: '>' })
  const longest = Math.max(0, ...Object.values(state.subjects ?? {}))
  const room = Math.max(wanted.max_msgs_per_subject ?? 0, 2 * longest)
  const had = config.max_msgs_per_subject > 0 ? config.max_msgs_per_subject : Number.POSITIVE_INFINITY
  return { ...wanted, max_msgs_per_subject: Math.max(wanted.max_msgs_per_subject ?? 0, Math.min(room, had)) }
}

async function findStream(jsm: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await askLeader(() => jsm.streams.info(name), PATIENCE)).config
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

function compare(what: string, wanted: Record<string, unknown>, got: Record<string, unknown>): void {
  const issues = Object.entries(wanted)
    .filter(([key, value]) => JSON.stringify(got[key]) !== JSON.stringify(value))
    .map(([key, value]) => ({
      path: key,
      message: `asked for ${JSON.stringify(value)}, the server has ${JSON.stringify(got[key])}`,
    }))
  if (issues.length > 0) {
    const text = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')
    throw new MurmurError('STREAM_MISMATCH', `${what} is not as asked: ${text}`, { issues })
  }
}
