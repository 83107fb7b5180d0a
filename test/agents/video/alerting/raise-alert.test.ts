import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { STREAMS } from '#subjects/streams.ts'
import { alertFromEvent, alertIdOf } from '../../../../services/agents/video/alerting/alert-from-event.ts'
import type {
  AlertStore,
  RaiseResult,
  StoredAlert,
} from '../../../../services/agents/video/alerting/history/alert-store.ts'
import { type RaiseDeps, raiseAlert } from '../../../../services/agents/video/alerting/raise-alert.ts'

const NOW_MS = cameraEventExample.atMs + 40
const ID = alertIdOf(cameraEventExample.id)
const WINDOW_MS = STREAMS.alerts.duplicateWindowMs

/** Answers of the history one after the other, and what happened, in order. */
function world(answers: RaiseResult[], about: Partial<RaiseDeps> = {}) {
  const happened: string[] = []
  const note = (what: string) => async () => void happened.push(what)
  const store = {
    raise: async () => answers.shift()!,
    settle: async (id: string, { review }: Alert) => void happened.push(`settled ${id} ${review}`),
    markPublished: async (id: string) => void happened.push(`noted ${id}`),
  } as unknown as AlertStore
  const deps: RaiseDeps = {
    store,
    publisher: {
      raised: async ({ id }) => void happened.push(`published ${id}`),
      changed: note('changed'),
      marked: note('marked'),
      snoozed: note('snoozed'),
      bookmarked: note('bookmarked'),
    },
    enrich: async (alert) => ({ ...alert, review: `r${alert.id}` }),
    clock: { nowMs: () => NOW_MS },
    ensureHistory: note('rebuilt'),
    isPublished: async () => false,
    ...about,
  }
  return { happened, deps }
}
const stored = (about: Partial<StoredAlert> = {}, raisedAtMs = NOW_MS): StoredAlert => ({
  alert: alertFromEvent(cameraEventExample, raisedAtMs),
  published: false,
  snapshotSettled: false,
  ...about,
})

t.test('a new alert is published, then noted as published', async (t) => {
  const { happened, deps } = world([{ kind: 'raised' }])
  t.match(await raiseAlert(cameraEventExample, deps), {
    kind: 'raised',
    snapshotWanted: true,
    alert: { id: ID },
  })
  t.strictSame(happened, [`settled ${ID} r${ID}`, `published ${ID}`, `noted ${ID}`])
})

t.test('within a cooldown nothing is published', async (t) => {
  const { happened, deps } = world([{ kind: 'counted', alertId: 'other', first: false }])
  t.strictSame(await raiseAlert(cameraEventExample, deps), { kind: 'counted', first: false })
  t.strictSame(happened, [])
})

t.test('an event that comes again finishes what was left undone, and repeats nothing', async (t) => {
  const done = world([{ kind: 'again', stored: stored({ published: true, snapshotSettled: true }) }])
  t.match(await raiseAlert(cameraEventExample, done.deps), { kind: 'raised', snapshotWanted: false })
  t.strictSame(done.happened, [])
  const undone = world([{ kind: 'again', stored: stored() }])
  t.match(await raiseAlert(cameraEventExample, undone.deps), { kind: 'raised', snapshotWanted: true })
  t.strictSame(undone.happened, [`settled ${ID} r${ID}`, `published ${ID}`, `noted ${ID}`])
})

t.test('the stream is searched only when its deduplication can no longer be relied on', async (t) => {
  const isPublished = async () => true
  const answer = (ageMs: number): RaiseResult => ({ kind: 'again', stored: stored({}, NOW_MS - ageMs) })
  const recent = world([answer(WINDOW_MS / 2)], { isPublished })
  await raiseAlert(cameraEventExample, recent.deps)
  t.strictSame(recent.happened, [`settled ${ID} r${ID}`, `published ${ID}`, `noted ${ID}`])
  const old = world([answer(WINDOW_MS / 2 + 1)], { isPublished })
  await raiseAlert(cameraEventExample, old.deps)
  t.strictSame(old.happened, [`settled ${ID} r${ID}`, `noted ${ID}`])
})

t.test('a history that is gone is rebuilt three times at most', async (t) => {
  const once = world([{ kind: 'unready' }, { kind: 'raised' }])
  t.match(await raiseAlert(cameraEventExample, once.deps), { kind: 'raised' })
  t.equal(once.happened[0], 'rebuilt')
  const never = world(Array.from({ length: 9 }, () => ({ kind: 'unready' as const })))
  await t.rejects(raiseAlert(cameraEventExample, never.deps), { code: 'UNAVAILABLE' })
  t.equal(never.happened.length, 4)
})
