import {
  type Deferred,
  deferred,
  type Msg,
  type NatsConnection,
  RequestError,
  TimeoutError,
} from '@nats-io/transport-node'
import { systemClock } from '#platform/clock/clock.ts'
import { retryUntil, TIMED_OUT, withTimeout } from '#platform/clock/promises.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { CutOffWatch, LedPlace } from './cut-off-watch.ts'
import { flushOrTimeout } from './nats-health.ts'

const REQUEST_TIMEOUT_MS = 2000
/** Of the client library. */
const DEFAULT_TIMEOUT_MS = 1000
/** What any copy of a stream answers, whether there are others or not; and what is told of a stream without a leader. */
const SAYS_NOTHING = ['$JS.API.DIRECT.GET.', '$JS.API.STREAM.INFO.', '$JS.API.CONSUMER.INFO.'] as const
/** An answer of JetStream that says that there is no leader. */
const LEADERLESS = /"error":\{"code":503/
const SMALL_ANSWER_BYTES = 512
/** `STREAM.INFO.<stream>`, `STREAM.MSG.GET.<stream>`, `CONSUMER.DURABLE.CREATE.<stream>.<consumer>` and the like. */
const STREAM_CALL = /^\$JS\.API\.(?:STREAM|CONSUMER|DIRECT)\.(?:MSG\.|DURABLE\.)?[A-Z]+\.([^.]+)/

/** The connection on which something was asked is gone, and the answer with it: to be asked again. */
export class ConnectionLost extends MurmurError {
  constructor() {
    super('UNAVAILABLE', 'the connection was lost')
  }
}

/**
 * From now on requests know of their connection, those of the JetStream client too. What was asked on one that is cut is never
 * answered, and the client library would wait until its time is over, up to ten seconds: it ends at once. What is asked while
 * there is none would be forgotten by the library: it is asked when there is one again.
 * @param watch told which are answered
 */
export function tieRequestsToConnection(
  nc: NatsConnection,
  watch?: Pick<CutOffWatch, 'answered' | 'lost' | 'changed'>,
): void {
  const request = nc.request.bind(nc)
  const open = new Set<() => void>()
  let back: Deferred<void> | undefined
  nc.request = async (subject, payload, options) => {
    const timeoutMs = options?.timeout ?? DEFAULT_TIMEOUT_MS
    const untilMs = systemClock.monotonicMs() + timeoutMs
    if (back && (await withTimeout(back, timeoutMs)) === TIMED_OUT) throw new TimeoutError()
    const cut = deferred<never>()
    const onCut = () => cut.reject(new ConnectionLost())
    open.add(onCut)
    const timeout = Math.max(1, untilMs - systemClock.monotonicMs())
    try {
      const answer = await Promise.race([request(subject, payload, { ...options, timeout }), cut])
      noteAnswer(subject, answer)
      return answer
    } catch (error) {
      if (error instanceof TimeoutError || isWithoutResponder(error)) watch?.lost(placeOf(subject))
      throw error
    } finally {
      open.delete(onCut)
    }
  }
  void follow()

  async function follow(): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect') {
        back ??= deferred<void>()
        for (const onCut of open) onCut()
      } else if (type === 'reconnect') {
        back?.resolve()
        back = undefined
        watch?.changed()
      }
    }
  }

  function noteAnswer(subject: string, { data }: Msg): void {
    const isLeaderless =
      data.length < SMALL_ANSWER_BYTES && LEADERLESS.test(Buffer.from(data).toString('latin1'))
    if (isLeaderless) watch?.lost(placeOf(subject))
    else if (!SAYS_NOTHING.some((prefix) => subject.startsWith(prefix))) watch?.answered()
  }
}

/** The stream that a call of the JetStream API is about. */
function placeOf(subject: string): LedPlace | undefined {
  const stream = STREAM_CALL.exec(subject)?.[1]
  return stream === undefined ? undefined : { stream }
}

/** Nobody listened on the subject: a stream without a leader, or none; a service of which nobody runs. */
export function isWithoutResponder(error: unknown): boolean {
  // The client of JetStream wraps it.
  const asked = error instanceof Error && error.cause instanceof RequestError ? error.cause : error
  return asked instanceof RequestError && asked.isNoResponders()
}

/**
 * Waits until the server answers on a connection: one that has not noticed yet that its server has gone takes questions that are
 * never answered.
 * @throws MurmurError UNAVAILABLE after `waitMs`
 */
export async function untilLive(nc: NatsConnection, waitMs: number): Promise<void> {
  await retryUntil(async () => {
    if (await flushOrTimeout(nc, REQUEST_TIMEOUT_MS)) return
    throw new MurmurError('UNAVAILABLE', 'NATS does not answer on the connection for objects')
  }, waitMs)
}

/**
 * Makes a connection anew, and waits until it is there. The client library gives the old one up in a moment of its own, and what
 * is asked before goes with it.
 * @throws MurmurError UNAVAILABLE after `waitMs`
 */
export async function renew(nc: NatsConnection, waitMs: number): Promise<void> {
  await nc.reconnect()
  await untilLive(nc, waitMs)
}
