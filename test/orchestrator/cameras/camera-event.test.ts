import fc from 'fast-check'
import t from 'tap'
import { type CameraEvent, cameraEventSchema } from '#schemas/camera-event.ts'
import {
  firstSeenEvents,
  monitorEndedEvents,
  unwatchedEvent,
} from '../../../services/orchestrator/cameras/camera-event.ts'
import { taskState } from '../../support/task-states.ts'

const ABOUT = { tenant: 'acme', monitor: 'kq3v9x', camera: 'yard' }
const NOW_MS = 1_790_000_100_000
const keyOf = ({ tenant, camera, rule, subject }: CameraEvent) => [tenant, camera, rule.id, subject].join(' ')

t.test('begin and end of what nobody watches are about one state, whoever comes to it', (t) => {
  const began = { phase: 'begin', sinceMs: NOW_MS - 20_000, reason: 'waiting for a place' } as const
  const begin = unwatchedEvent(ABOUT, began, NOW_MS)
  const end = unwatchedEvent(ABOUT, { phase: 'end', sinceMs: NOW_MS, reason: '' }, NOW_MS)
  t.equal(keyOf(begin), keyOf(end))
  t.match(begin, {
    message: 'Nobody watches camera yard for 20 s: waiting for a place',
    rule: { severity: 'high' },
  })
  t.equal(unwatchedEvent(ABOUT, began, NOW_MS + 3000).id, begin.id, 'the same moment is the same event')
  t.not(begin.id, end.id)
  for (const event of [begin, end]) t.strictSame(cameraEventSchema.parse(event), event)
  t.end()
})

t.test('a monitor that failed is told for each of its cameras; one that was ended is not', (t) => {
  const step = (camera: string, agent = 'capture') => ({ id: camera, agent, input: { camera } })
  const failed = taskState('kq3v9x', {
    ...{ tenant: 'acme', type: 'monitor', status: 'failed', finishedAtMs: NOW_MS },
    plan: {
      steps: [step('yard'), step('gate', 'capture--north'), step('yard'), { id: 't', agent: 'tracking' }],
    },
    error: { code: 'CREDENTIALS_REFUSED', message: 'the user is refused' },
  })
  const events = monitorEndedEvents(failed)
  t.strictSame(
    events.map(({ camera, state }) => [camera, state]),
    [
      ['yard', { phase: 'begin', sinceMs: NOW_MS }],
      ['gate', { phase: 'begin', sinceMs: NOW_MS }],
    ],
  )
  t.match(events[0]?.message, /monitor of camera yard has failed.*CREDENTIALS_REFUSED: the user is refused/)
  t.strictSame(monitorEndedEvents(failed), events)
  for (const status of ['completed', 'cancelled', 'running'] as const)
    t.strictSame(monitorEndedEvents({ ...failed, status }), [])
  t.end()
})

t.test('a camera that is seen by another monitor ends what was told of it before', (t) => {
  const [begin] = monitorEndedEvents(
    taskState('old', {
      ...{ tenant: 'acme', status: 'failed', finishedAtMs: NOW_MS - 60_000 },
      plan: { steps: [{ id: 'a', agent: 'capture', input: { camera: 'yard' } }] },
    }),
  )
  const [ended, unwatched] = firstSeenEvents(ABOUT, NOW_MS)
  t.equal(keyOf(ended!), keyOf(begin!))
  t.match(ended, { state: { phase: 'end', sinceMs: NOW_MS }, message: /watched by another monitor/ })
  t.match(unwatched, { rule: { kind: 'camera-unwatched' }, state: { phase: 'end' } })
  t.end()
})

t.test('whatever stands in a reason, an event is one', (t) => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 2000 }),
      fc.double({ min: 0, max: NOW_MS, noNaN: true }),
      (reason, sinceMs) => {
        cameraEventSchema.parse(unwatchedEvent(ABOUT, { phase: 'begin', sinceMs, reason }, NOW_MS))
      },
    ),
  )
  t.end()
})
