import type { StepMessage } from '#schemas/step-message.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { PlatformKeys } from '../config/platform-keys.ts'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import { neededCodec, type PayloadCodec } from '../secrets/payload-codec.ts'
import { sealStep } from '../secrets/step-sealing.ts'
import type { LogMessage } from './log-session.ts'
import type { PayloadOf, RecordGuard } from './record-guard.ts'

export interface SealedRecordsDeps {
  /** Undefined: records are not sealed, and all are believed. */
  keys: PlatformKeys | undefined
  /** Undefined: payloads are stored as they are, and what is encrypted can't be opened. */
  codec: (PayloadCodec & { onChange?(listener: () => void): () => void }) | undefined
  /** Told of each record that was not believed, once, however often it is read. */
  onRefused?: (record: { stream: string; subject: string; seq: number; why: string }) => void
}

/** What the platform alone writes, and acts on when it is read. By the first token of the subject. */
const STREAM_OF: Readonly<Record<string, string>> = {
  log: STREAMS.log.name,
  checkpoints: STREAMS.checkpoints.name,
  horizons: STREAMS.checkpoints.name,
  schedules: STREAMS.schedules.name,
  'submission-keys': STREAMS.submissionKeys.name,
  'plan-templates': STREAMS.templates.name,
  'agent-policies': STREAMS.policies.name,
  'task-type-pauses': STREAMS.policies.name,
  'instance-drains': STREAMS.policies.name,
  'partition-epochs': STREAMS.policies.name,
}
const PURPOSE = 'record'
const NOTHING = new Uint8Array()
/** Results are written by agents, which have no keys of the platform: they have tokens. */
const RESULT = /^log\.\d+\.result(\.|$)/
/** Steps in queues, and those that were given up: queues and dispatch read all but their input. */
const STEP = /^(?:steps|dead)\./
/** A version of its own: whoever does not know it leaves it to those who do. */
const ENVELOPE_START = Buffer.from('{"v":3,')
const ENVELOPE =
  /^\{"v":3,(?:"taskId":"[\w-]{1,64}",)?"tenant":"([\w-]{1,64})","sealed":"([\w-]{1,64}\.[\w-]+)"(?:,"seal":"[\w-]{43}")?\}$/
/** Refused records that are remembered, so that each is told once. */
const MAX_TOLD = 1000

/**
 * Records of streams as the platform keeps them: what is its own carries a seal by one of its keys (HMAC-SHA-256 over subject and
 * record), and what a tenant has given is encrypted before it is sealed. What carries no seal is believed where it was stored before
 * there were keys.
 */
export class SealedRecords implements RecordGuard {
  readonly #deps: SealedRecordsDeps
  readonly #told = new Set<string>()

  constructor(deps: SealedRecordsDeps) {
    this.#deps = deps
  }

  sealed(subject: string, data: string | Uint8Array, payload?: PayloadOf): string | Uint8Array {
    if (typeof data !== 'string') return data
    const { keys, codec } = this.#deps
    if (codec && payload && STEP.test(subject))
      return JSON.stringify(sealStep(codec, JSON.parse(data) as StepMessage))
    if (streamOf(subject) === undefined) return data
    const json = codec && payload ? envelope(codec, subject, data, payload) : data
    return keys && !RESULT.test(subject) ? keys.sealJson(PURPOSE, subject, json) : json
  }

  opened<Message extends LogMessage>(message: Message): Message {
    const { keys } = this.#deps
    const { subject, data } = message
    if (streamOf(subject) === undefined) return message
    if (keys && !RESULT.test(subject) && !keys.isGenuine(PURPOSE, message))
      return this.#refused(message, 'it does not carry the seal of the platform')
    if (!startsWith(data, ENVELOPE_START)) return message
    return this.#open(message)
  }

  onKeysChanged(listener: () => void): () => void {
    return this.#deps.codec?.onChange?.(listener) ?? (() => {})
  }

  #open<Message extends LogMessage>(message: Message): Message {
    const { codec } = this.#deps
    const { subject, data } = message
    const [, tenant, sealed] = ENVELOPE.exec(Buffer.from(data).toString('latin1')) ?? []
    if (tenant === undefined || sealed === undefined) return message
    try {
      return {
        ...message,
        data: neededCodec(codec, tenant).open(tenant, placeOf(subject), sealed),
        stored: data,
      }
    } catch (error) {
      if (error instanceof MurmurError && error.code === 'PAYLOAD_KEY_MISSING')
        return { ...message, unopened: error.message }
      return this.#refused(message, messageOf(error))
    }
  }

  #refused<Message extends LogMessage>(message: Message, why: string): Message {
    const { subject, seq, storedAtMs } = message
    const name = `${subject} ${seq} ${storedAtMs}`
    if (!this.#told.has(name)) {
      if (this.#told.size >= MAX_TOLD) this.#told.delete(this.#told.values().next().value!)
      this.#told.add(name)
      this.#deps.onRefused?.({ stream: streamOf(subject)!, subject, seq, why })
    }
    return { ...message, data: NOTHING, stored: message.data, refused: why }
  }
}

function streamOf(subject: string): string | undefined {
  const root = subject.slice(0, subject.indexOf('.'))
  return Object.hasOwn(STREAM_OF, root) ? STREAM_OF[root] : undefined
}

function envelope(codec: PayloadCodec, subject: string, json: string, { tenant, taskId }: PayloadOf): string {
  const task = taskId === undefined ? '' : `"taskId":"${taskId}",`
  return `{"v":3,${task}"tenant":"${tenant}","sealed":"${codec.seal(tenant, placeOf(subject), json)}"}`
}

/** The record names its task and its step itself: together with the subject that is all there is of a place. */
function placeOf(subject: string): string {
  return `record\n${subject}`
}

function startsWith(data: Uint8Array, start: Uint8Array): boolean {
  if (data.length <= start.length) return false
  // From its end: records differ in their version, if in anything.
  for (let i = start.length - 1; i >= 0; i--) if (data[i] !== start[i]) return false
  return true
}
