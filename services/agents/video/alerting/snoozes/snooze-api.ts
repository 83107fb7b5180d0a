import { randomBytes } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Serving } from '#platform/nats/bus.ts'
import {
  type AddSnoozeRequest,
  type EndSnoozeRequest,
  type ListSnoozesRequest,
  MAX_SNOOZE_MS,
  MAX_SNOOZES,
  type Snooze,
} from '#schemas/snooze.ts'
import { toUnavailable } from '../alert-api.ts'
import type { AlertPublisher } from '../alert-publisher.ts'
import type { SnoozeStore } from './snooze-store.ts'

export interface SnoozeApiDeps {
  bus: Serving
  snoozes: SnoozeStore
  publisher: AlertPublisher
  clock: Pick<Clock, 'nowMs'>
  ensureHistory(): Promise<void>
}

/** Where nobody says who it is. */
const NOBODY = 'somebody'

/** Answers `murmur.snoozes.add`, `list` and `end`. @returns what ends that */
export function serveSnoozes(deps: SnoozeApiDeps): () => void {
  const { bus } = deps
  const ends = [
    bus.serve('addSnooze', (request, { tenant }) => addSnooze(tenant, request, deps).catch(toUnavailable)),
    bus.serve('listSnoozes', (request, { tenant }) =>
      listSnoozes(tenant, request, deps).catch(toUnavailable),
    ),
    bus.serve('endSnooze', (request, { tenant }) => endSnooze(tenant, request, deps).catch(toUnavailable)),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/** @throws MurmurError INVALID_REQUEST for an end that is past or too far; LIMIT_EXCEEDED; UNAVAILABLE */
async function addSnooze(
  tenant: string,
  { camera, rule, forMs, untilMs: until, by = NOBODY, reason }: AddSnoozeRequest,
  { snoozes, publisher, clock, ensureHistory }: SnoozeApiDeps,
): Promise<{ snooze: Snooze }> {
  await ensureHistory()
  const fromMs = Math.round(clock.nowMs())
  const untilMs = until ?? fromMs + (forMs ?? 0)
  if (untilMs <= fromMs) throw refused('is over already')
  if (untilMs - fromMs > MAX_SNOOZE_MS) throw refused(`is more than ${MAX_SNOOZE_MS / 86_400_000} days away`)
  const snooze: Snooze = {
    id: `s${randomBytes(8).toString('hex')}`,
    ...{ tenant, camera, fromMs, untilMs, by },
    ...(rule !== undefined && { rule }),
    ...(reason !== undefined && { reason }),
  }
  if ((await snoozes.put(snooze, fromMs)) === 'full')
    throw new MurmurError('LIMIT_EXCEEDED', `${MAX_SNOOZES} snoozes hold already: end one first`)
  await publisher.snoozed(snooze)
  return { snooze }
}

function refused(message: string): MurmurError {
  return new MurmurError('INVALID_REQUEST', `the request is not valid: untilMs ${message}`, {
    issues: [{ path: 'untilMs', message }],
  })
}

/** The one that ends next first; those that are over, the last one first, behind them. */
async function listSnoozes(
  tenant: string,
  { camera, ended }: ListSnoozesRequest,
  { snoozes, clock, ensureHistory }: SnoozeApiDeps,
): Promise<{ snoozes: Snooze[] }> {
  await ensureHistory()
  const nowMs = clock.nowMs()
  const all = (await snoozes.list(tenant)).filter((one) => camera === undefined || one.camera === camera)
  const endOf = ({ endedAtMs, untilMs }: Snooze) => endedAtMs ?? untilMs
  const holding = all.filter((one) => endOf(one) > nowMs).sort((a, b) => a.untilMs - b.untilMs)
  if (!ended) return { snoozes: holding }
  const over = all.filter((one) => endOf(one) <= nowMs).sort((a, b) => endOf(b) - endOf(a))
  return { snoozes: [...holding, ...over].slice(0, 2 * MAX_SNOOZES) }
}

/** Ending one that is over changes nothing. @throws MurmurError SNOOZE_NOT_FOUND; UNAVAILABLE */
async function endSnooze(
  tenant: string,
  { id, by = NOBODY }: EndSnoozeRequest,
  { snoozes, publisher, clock, ensureHistory }: SnoozeApiDeps,
): Promise<{ snooze: Snooze }> {
  await ensureHistory()
  const known = await snoozes.get(tenant, id)
  if (!known) throw new MurmurError('SNOOZE_NOT_FOUND', `there is no snooze "${id}"`)
  const nowMs = Math.round(clock.nowMs())
  if (known.untilMs <= nowMs) return { snooze: known }
  // Told again where it was ended before: nobody may have heard of it.
  const snooze = known.endedAtMs === undefined ? { ...known, endedAtMs: nowMs, endedBy: by } : known
  await snoozes.put(snooze, nowMs)
  await publisher.snoozed(snooze)
  return { snooze }
}
