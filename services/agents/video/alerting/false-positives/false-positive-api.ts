import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Serving } from '#platform/nats/bus.ts'
import type { Alert } from '#schemas/alert.ts'
import type {
  CountedFalsePositive,
  FalsePositive,
  ListFalsePositivesRequest,
  ListFalsePositivesResponse,
  MarkFalsePositiveRequest,
} from '#schemas/false-positive.ts'
import { type AlertApiDeps, changeAlert, findAlert, toUnavailable } from '../alert-api.ts'
import type { FalsePositiveStore } from './false-positive-store.ts'
import type { SuppressionCounts } from './suppression-counts.ts'

export interface FalsePositiveApiDeps extends AlertApiDeps {
  bus: Serving
  clock: Pick<Clock, 'nowMs'>
  falsePositives: FalsePositiveStore
  suppressions: SuppressionCounts
}

/** A message takes a megabyte: a list ends before that. Bytes. */
const MAX_LIST_BYTES = 768 * 1024
const NOT_THIS = 'Not this.'

/** Answers `murmur.false-positives.mark`, `list` and `remove`. @returns what ends that */
export function serveFalsePositives(deps: FalsePositiveApiDeps): () => void {
  const { bus, falsePositives } = deps
  const ends = [
    bus.serve('markFalsePositive', async (request, { tenant }) => ({
      falsePositive: await mark(tenant, request, deps).catch(toUnavailable),
    })),
    bus.serve('listFalsePositives', (request, { tenant }) =>
      list(tenant, request, deps).catch(toUnavailable),
    ),
    bus.serve('removeFalsePositive', async ({ id }, { tenant }) => {
      const known = (await falsePositives.ofTenant(tenant).catch(toUnavailable)).find((one) => one.id === id)
      if (!known) throw new MurmurError('FALSE_POSITIVE_NOT_FOUND', `there is no false positive "${id}"`)
      await falsePositives.remove(tenant, known).catch(toUnavailable)
      return { falsePositive: known }
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/** @throws MurmurError ALERT_NOT_FOUND; INVALID_REQUEST where no single object can be learned; LIMIT_EXCEEDED; UNAVAILABLE */
async function mark(
  tenant: string,
  request: MarkFalsePositiveRequest,
  deps: FalsePositiveApiDeps,
): Promise<FalsePositive> {
  await deps.ensureHistory()
  const alert = await findAlert(tenant, request.id, deps.store)
  const learned = await deps.falsePositives.add(tenant, falsePositiveOf(alert, request, deps.clock.nowMs()))
  const { by, note = NOT_THIS } = request
  const change = { id: alert.id, status: 'resolved' as const, note, ...(by !== undefined && { by }) }
  if (alert.status !== 'resolved')
    await changeAlert(tenant, change, deps).catch((error: unknown) => {
      // Somebody else was faster.
      if (!(error instanceof MurmurError) || error.code !== 'ALERT_STATE_CONFLICT') throw error
    })
  return learned
}

/** What an alert teaches; marked twice, it is the same. Pure. @throws MurmurError INVALID_REQUEST */
export function falsePositiveOf(
  { id, camera, objects, preset, rule }: Alert,
  { by, note }: MarkFalsePositiveRequest,
  markedAtMs: number,
): FalsePositive {
  const [object] = objects
  if (!object || objects.length > 1)
    throw new MurmurError(
      'INVALID_REQUEST',
      `only an alert about one object can be marked; this one of ${rule.id} is about ${objects.length}: mark one of an intrusion or of loitering there, or draw an ignore mask`,
    )
  const { class: objectClass, label, box, look } = object
  return {
    ...{ id: `f${id.slice(0, 60)}`, camera, class: objectClass, label, box, alert: id },
    markedAtMs: Math.round(markedAtMs),
    ...(look !== undefined && { look }),
    ...(preset !== undefined && { preset }),
    ...(by !== undefined && { by }),
    ...(note !== undefined && { note }),
  }
}

async function list(
  tenant: string,
  { camera }: ListFalsePositivesRequest,
  { falsePositives, suppressions }: FalsePositiveApiDeps,
): Promise<ListFalsePositivesResponse> {
  const all =
    camera === undefined
      ? await falsePositives.ofTenant(tenant)
      : await falsePositives.ofCamera(tenant, camera)
  const newest = all.toSorted((a, b) => b.markedAtMs - a.markedAtMs)
  const counts = await Promise.all(newest.map(({ id }) => suppressions.of(tenant, id)))
  const counted: CountedFalsePositive[] = []
  let bytes = 0
  for (const [i, one] of newest.entries()) {
    const next = { ...one, ...counts[i]! }
    bytes += Buffer.byteLength(JSON.stringify(next)) + 1
    if (bytes > MAX_LIST_BYTES) return { falsePositives: counted, more: true }
    counted.push(next)
  }
  return { falsePositives: counted }
}
