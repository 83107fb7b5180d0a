import fc from 'fast-check'
import t from 'tap'
import type { Bus } from '#platform/nats/bus.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { EventHub } from '../../../services/edge/gateway/event-hub.ts'

type Handler = Parameters<Bus['subscribe']>[1]

function openHub(maxBytes?: number) {
  let handler: Handler | undefined
  const bus = {
    subscribe(subject: string, given: Handler) {
      if (subject === SUBJECTS.eventsAll) handler = given
      return () => {
        handler = undefined
      }
    },
  } as unknown as Bus
  const hub = new EventHub(bus, { monotonicMs: () => 0 }, maxBytes)
  hub.start()
  const publish = (
    event: Partial<TaskEvent> & Pick<TaskEvent, 'taskId' | 'kind'>,
    address = event.taskId,
  ) => {
    const data = new TextEncoder().encode(JSON.stringify({ v: 1, type: 'plan', atMs: 1, ...event }))
    handler?.({ subject: SUBJECTS.event('plan', address, event.kind), data } as Parameters<Handler>[0])
  }
  return { hub, publish, isOpen: () => handler !== undefined }
}

t.test('a watcher gets the events of its task as they come, and none after it has left', (t) => {
  const { hub, publish, isOpen } = openHub()
  const seen: string[] = []
  const leave = hub.watch('a', ({ kind, rev }) => seen.push(`first ${kind} ${rev}`))
  hub.watch('a', ({ rev }) => seen.push(`second ${rev}`))
  publish({ taskId: 'a', kind: 'accepted', rev: 1 })
  publish({ taskId: 'b', kind: 'accepted', rev: 1 })
  publish({ taskId: 'b', kind: 'completed', rev: 9 }, 'a')
  leave()
  publish({ taskId: 'a', kind: 'completed', rev: 2 })
  t.strictSame(seen, ['first accepted 1', 'second 1', 'second 2'], 'an event under another address is forged')
  hub.stop()
  t.notOk(isOpen())
  t.end()
})

t.test(
  'who comes back gets every change since, in order and once, or nothing where one is missing',
  async () => {
    const story = fc.array(
      fc.record({
        task: fc.constantFrom('a', 'b'),
        times: fc.integer({ min: 0, max: 2 }),
        ends: fc.boolean(),
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(story, fc.nat(20), fc.nat(20), (changes, from, length) => {
        const { hub, publish } = openHub()
        const revs = { a: 0, b: 0 }
        const published = { a: new Map<number, string[]>(), b: new Map<number, string[]>() }
        for (const { task, times, ends } of changes as { task: 'a' | 'b'; times: number; ends: boolean }[]) {
          const rev = ++revs[task]
          const kinds = ends ? (['step-failed', 'failed'] as const) : (['step-completed'] as const)
          for (let time = 0; time < times; time++)
            for (const kind of kinds) publish({ taskId: task, kind, rev, stepId: `s${rev}` })
          if (times > 0) published[task].set(rev, [...kinds])
        }
        const wanted: string[] = []
        for (let rev = from + 1; rev <= from + length; rev++)
          wanted.push(...(published.a.get(rev) ?? ['missing']).map((kind) => `${rev} ${kind}`))
        const found = hub.since('a', from, from + length)?.map(({ rev, kind }) => `${rev} ${kind}`)
        return wanted.some((name) => name.endsWith('missing'))
          ? found === undefined
          : String(found) === String(wanted)
      }),
      { numRuns: 300 },
    )
  },
)

t.test('the oldest events go first when there is no room', (t) => {
  const { hub, publish } = openHub(20_000)
  for (let rev = 1; rev <= 5000; rev++) publish({ taskId: rev % 2 ? 'a' : 'b', kind: 'step-completed', rev })
  t.equal(hub.since('b', 0, 5000), undefined)
  t.equal(hub.since('a', 1, 3), undefined, 'two in thousands are gone')
  t.equal(hub.since('a', 4998, 4999)?.length, 1, 'the latest is there')
  t.end()
})
