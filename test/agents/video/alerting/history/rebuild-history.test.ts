import t from 'tap'
import { silentLog } from '#platform/telemetry/logger.ts'
import type { Alert } from '#schemas/alert.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { alertFromEvent } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  changedCloudEvent,
  raisedCloudEvent,
} from '../../../../../services/agents/video/alerting/alert-publisher.ts'
import type { AlertStore } from '../../../../../services/agents/video/alerting/history/alert-store.ts'
import {
  ensureHistory,
  lookOverHistory,
  type RebuildDeps,
  readStream,
} from '../../../../../services/agents/video/alerting/history/rebuild-history.ts'

/** A stream with these messages; every second sequence number is missing, as after deletions. */
function streamOf(bodies: readonly unknown[]) {
  const messages = bodies.map((body, i) => ({
    seq: 2 * i + 1,
    subject: 'alerts.critical.default.yard',
    data: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  }))
  return {
    streams: {
      lastSeq: async () => messages.at(-1)?.seq ?? 0,
      nextMessage: async (_stream: string, _subject: string, seq: number) =>
        messages.find((message) => message.seq >= seq),
    },
  } as unknown as RebuildDeps['bus']
}

/** A store that notes what it is given. */
function storeOf(isReady: boolean) {
  const restored: Alert[] = []
  const calls: string[] = []
  const store = {
    isReady: async () => isReady,
    restore: async (alert: Alert) => void restored.push(alert),
    markReady: async () => void calls.push(`ready after ${restored.length}`),
  } as unknown as AlertStore
  return { restored, calls, store }
}
const REST = {
  reviews: { assign: async () => 'r', mark: async () => 'done' as const },
  snoozes: { put: async () => 'done' as const },
  bookmarks: { put: async () => 'done' as const, remove: async () => {} },
  clock: { nowMs: () => 0 },
  log: silentLog,
}
const alertOf = (id: string, raisedAtMs: number) => alertFromEvent({ ...cameraEventExample, id }, raisedAtMs)

t.test('a history that is there is left alone', async (t) => {
  const { restored, calls, store } = storeOf(true)
  await ensureHistory({ bus: streamOf([raisedCloudEvent(alertOf('a', 1))]), store, ...REST })
  t.strictSame([restored, calls], [[], []])
})

t.test(
  'each alert is put back once, oldest first, as its last change left it; then the store is ready',
  async (t) => {
    const [a, b] = [alertOf('a', 2000), alertOf('b', 1000)]
    const resolved = { ...a, status: 'resolved' as const, occurrences: 3 }
    const { restored, calls, store } = storeOf(false)
    const bodies = [
      raisedCloudEvent(a),
      changedCloudEvent(resolved, 'resolved', 5000),
      // Out of order: an older change came after it.
      changedCloudEvent({ ...a, status: 'acknowledged' }, 'acknowledged', 4000),
      raisedCloudEvent(b),
      'no JSON',
    ]
    await ensureHistory({ bus: streamOf(bodies), store, ...REST })
    t.strictSame(
      restored.map(({ id, status, occurrences }) => ({ id, status, occurrences })),
      [
        { id: b.id, status: 'open', occurrences: 1 },
        { id: a.id, status: 'resolved', occurrences: 3 },
      ],
    )
    t.strictSame(calls, ['ready after 2'])
  },
)

t.test('an empty stream is read at once', async (t) => {
  const seen: unknown[] = []
  await readStream(streamOf([]), '>', (message) => seen.push(message))
  t.strictSame(seen, [])
})

t.test('another Redis gets what it may lack, once; the first that is seen does not', async (t) => {
  const { restored, store } = storeOf(true)
  let noted = ''
  const answering = (id: string) =>
    ({
      ...store,
      server: {
        another: async () => (id === noted ? undefined : { id, isFirst: noted === '' }),
        note: async (is: string) => {
          noted = is
        },
      },
    }) as AlertStore
  const bus = streamOf([raisedCloudEvent(alertOf('a', 1))])
  for (const id of ['one', 'one', 'two', 'two']) await lookOverHistory({ bus, store: answering(id), ...REST })
  t.equal(restored.length, 1)
  t.equal(noted, 'two')
})
