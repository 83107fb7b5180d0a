import { JetStreamApiError, type Placement } from '@nats-io/jetstream'
import { systemClock } from '#platform/clock/clock.ts'

/** Copies that a stream has where nobody names a number and the cluster has servers for them: two of three may not be lost together. */
export const DEFAULT_REPLICAS = 3
/** No server is left that may hold a copy: too few, too full, or none with these tags. The other: servers that are no cluster. */
const NO_PLACE: readonly number[] = [10005, 10074]

/** Milliseconds. */
const SETTLE_WAIT_MS = 20_000
const SETTLE_RETRY_MS = 250

/** On how many servers each stream is, and on which. */
export interface Copies {
  /** Undefined: one of what is made, and what is there stays as it is. */
  replicas: number | undefined
  /** Nobody has named the number: what has more of them keeps those, and with too few servers there is one. */
  isDefault: boolean
  /** A server holds a copy only if it has all of these tags; none: any server may. */
  tags: readonly string[]
}

/** A stream gets more copies, or fewer, than it has had. */
export interface CopiesChange {
  stream: string
  from: number
  to: number
}

/** @param replicas as it is set; undefined: nobody has */
export function wantedCopies(about: {
  replicas?: number | undefined
  placementTags?: readonly string[] | undefined
  isCluster: boolean
}): Copies {
  const { replicas, placementTags: tags = [], isCluster } = about
  if (replicas !== undefined) return { replicas, isDefault: false, tags }
  return { replicas: isCluster ? DEFAULT_REPLICAS : undefined, isDefault: true, tags }
}

/** What of a stream's configuration says on which servers it is. */
export interface CopiesConfig {
  num_replicas?: number
  placement?: Placement
}

/**
 * Servers don't move a stream and change its copies in one go: what has to be done before the rest. Fewer copies first, so that fewer
 * move; more last, where there is a place for them.
 * @param had copies that the stream has; undefined: it is not there
 * @returns undefined: all at once
 */
export function firstStep(
  { num_replicas: to, placement }: CopiesConfig,
  had: number | undefined,
): CopiesConfig | undefined {
  if (had === undefined || to === undefined || placement === undefined || had === to) return undefined
  return to < had ? { num_replicas: to } : { num_replicas: had, placement }
}

/** What of a stream's configuration says on how many servers it is. @param had copies that it has; undefined: it is not there */
export function copiesConfig({ replicas, isDefault, tags }: Copies, had: number | undefined): CopiesConfig {
  const count = replicas !== undefined && isDefault ? Math.max(replicas, had ?? 0) : replicas
  return {
    ...(count !== undefined && { num_replicas: count }),
    // The client's type asks for a cluster, the server for none.
    ...(tags.length > 0 && { placement: { tags: [...tags] } as Placement }),
  }
}

/** Whether the servers refuse that many copies, or copies on servers with these tags. */
export function isWithoutPlace(error: unknown): boolean {
  return refusalOf(error) !== undefined
}

/**
 * A cluster that has just started takes a while to hear of its servers, and one change of a stream waits for another.
 * @throws what `attempt` throws
 */
export async function untilSettled<T>(attempt: () => Promise<T>): Promise<T> {
  const untilMs = systemClock.monotonicMs() + SETTLE_WAIT_MS
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!isSettling(error) || systemClock.monotonicMs() > untilMs) throw error
      await systemClock.sleep(SETTLE_RETRY_MS)
    }
  }
}

/** Whether that may be over in a moment: a server of the cluster is not heard of, or the stream is on its way to other servers. */
function isSettling(error: unknown): boolean {
  return /offline/.test(refusalOf(error)?.message ?? '') || /in progress/.test(answerOf(error)?.message ?? '')
}

function refusalOf(error: unknown): JetStreamApiError | undefined {
  const answer = answerOf(error)
  return answer && NO_PLACE.includes(answer.code) ? answer : undefined
}

function answerOf(error: unknown): JetStreamApiError | undefined {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof JetStreamApiError ? cause : undefined
}
