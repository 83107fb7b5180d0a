import { type MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { readMessage } from '#platform/json/read-message.ts'
import { keyMissing } from '#platform/secrets/payload-codec.ts'
import { horizonMarkSchema } from '#schemas/checkpoint.ts'
import { instanceIdSchema } from '#schemas/identifiers.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type LogEvent, type LogKind, logEventSchemas } from '#schemas/log-event.ts'
import { type StepResult, stepResultSchema } from '#schemas/step-message.ts'
import { logKindOf, parseLogSubject } from '#subjects/subjects.ts'
import { shallowMembers } from './shallow-json.ts'

/** A message of the log as it was read. */
export interface RawEvent {
  subject: string
  data: Uint8Array
  seq: number
  storedAtMs: number
  /** Of one result of a batch: its place there. */
  index?: number
  /** Why it counts as nothing: the platform has not written it. */
  refused?: string
  /** Why its payload can't be opened here now. */
  unopened?: string
  /** What is stored, where `data` is what was in it. */
  stored?: Uint8Array
}

/**
 * What a message of the log is: an event; none (`fault`: it changes nothing, and people have to inspect it); or one of a
 * version that is not known here, or of a tenant whose key is not here (`later`: an owner that can't read it must not go past it).
 */
export type Decoded =
  | { event: LogEvent; fault?: string }
  | { fault: string; agent?: string }
  | { later: string; cause?: MurmurError }
  /** The log before it may have been purged: nothing for tasks. */
  | { isMark: true }

/** An output may be nested as deep as any JSON that comes in, and stands in `outcome.output`. */
const RESULT_DEPTH = LIMITS.jsonDepth + 2
/** Inputs come in bounded, and stand in plans that are made of them. */
const EVENT_DEPTH = LIMITS.jsonDepth + 16
const MAX_REPORTED = 300
/** Up to which version each kind of event is known here. */
const LATEST_VERSIONS: Readonly<Record<string, number>> = {
  accepted: 2,
  started: 1,
  released: 1,
  result: 1,
  control: 2,
  timer: 1,
} satisfies Record<LogKind, number>
const attemptSchema = stepResultSchema.pick({ taskId: true, stepId: true, attempt: true, token: true })

/**
 * A message of the log as an event. Agents in any language write results into the log, so what stands there is checked like
 * everything that comes from outside, bytes and depth first. A result that is not one, of an attempt that can be named, is
 * the failure of that attempt. Never throws.
 */
export function decodeEvent(raw: RawEvent, address = parseLogSubject(raw.subject)): Decoded {
  if (!address && logKindOf(raw.subject) === 'horizon') return decodeMark(raw)
  if (!address) return laterOr(raw, { fault: `subject ${raw.subject} is none of the log` })
  const isResult = address.kind === 'result'
  const agent = address.agent !== undefined && { agent: address.agent }
  if (raw.refused !== undefined) return { fault: `${address.kind}: ${raw.refused}`, ...agent }
  if (raw.unopened !== undefined) {
    // Agents write results: one that names a key that there is not must not stop all others. Its attempt is made again.
    if (isResult) return { fault: `result: ${raw.unopened}`, ...agent }
    return {
      later: `message ${raw.seq} of the log waits for its key: ${raw.unopened}`,
      cause: keyMissing(raw.unopened),
    }
  }
  let json: unknown
  try {
    json = parseBoundedJson(raw.data, {
      maxBytes: isResult ? LIMITS.resultBytes : Number.POSITIVE_INFINITY,
      maxDepth: isResult ? RESULT_DEPTH : EVENT_DEPTH,
      what: 'the message',
    })
  } catch (error) {
    const why = messageOf(error).slice(0, MAX_REPORTED)
    return isResult ? failedAttempt(raw, why, address.agent) : { fault: `${address.kind}: ${why}` }
  }
  const parsed = logEventSchemas[address.kind].safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const why = `${issue?.path.join('.')} ${issue?.message}`.trim().slice(0, MAX_REPORTED)
    if (isResult) return failedAttempt(raw, why, address.agent)
    return laterOr(raw, { fault: `${address.kind}: ${why}` })
  }
  const event = {
    kind: address.kind,
    atMs: raw.storedAtMs,
    seq: raw.seq,
    bytes: raw.data.length,
    body: parsed.data,
    ...agent,
  }
  return { event: event as LogEvent }
}

function decodeMark(raw: RawEvent): Decoded {
  if (raw.refused !== undefined) return { fault: `horizon: ${raw.refused}` }
  if (readMessage(raw.data, horizonMarkSchema)) return { isMark: true }
  return shallowMembers(raw.data).get('v') === 1
    ? { fault: 'horizon: it is none that is known here' }
    : laterOr(raw, { fault: 'horizon: it is of no version' })
}

/** Events of the platform name their version: one that is not known here is not for us to pass over. */
function laterOr(raw: RawEvent, otherwise: { fault: string }): Decoded {
  const kind = logKindOf(raw.subject)
  const members = shallowMembers(raw.data)
  const version = members.get('v')
  const isOurs = kind !== undefined && kind !== 'result'
  if (!isOurs || typeof version !== 'number' || !Number.isInteger(version)) return otherwise
  if (typeof members.get('taskId') !== 'string') return otherwise
  const isKnown = parseLogSubject(raw.subject) !== undefined
  if (isKnown && version <= LATEST_VERSIONS[kind]!) return otherwise
  return { later: `message ${raw.seq} of the log is an event "${kind}" of version ${version}` }
}

function failedAttempt(raw: RawEvent, why: string, agent: string | undefined): Decoded {
  const members = shallowMembers(raw.data)
  const attempt = attemptSchema.safeParse(Object.fromEntries(members))
  if (!attempt.success) return { fault: `result: ${why}`, ...(agent !== undefined && { agent }) }
  const instance = instanceIdSchema.safeParse(members.get('instance'))
  const timeOf = (name: string) => {
    const time = members.get(name)
    return typeof time === 'number' && Number.isFinite(time) ? time : raw.storedAtMs
  }
  const body: StepResult = {
    v: 1,
    ...attempt.data,
    instance: instance.success ? instance.data : 'unknown',
    startedAtMs: timeOf('startedAtMs'),
    finishedAtMs: timeOf('finishedAtMs'),
    outcome: {
      kind: 'fail',
      error: { code: 'INVALID_OUTCOME', message: `the result of the step can't be used: ${why}` },
    },
  }
  const event = {
    kind: 'result' as const,
    atMs: raw.storedAtMs,
    seq: raw.seq,
    body,
    ...(agent && { agent }),
  }
  return { event, fault: `result: ${why}` }
}
