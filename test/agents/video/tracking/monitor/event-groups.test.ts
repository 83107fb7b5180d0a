import t from 'tap'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import {
  type EventGroup,
  type GroupSettings,
  groupEvents,
} from '../../../../../services/agents/video/tracking/monitor/event-groups.ts'
import { EVERYWHERE, play, trembling } from '../scripts.ts'
import { person } from '../tracking-fixtures.ts'

type Given = Partial<Omit<CameraEvent, 'rule'>> & {
  atMs: number
  subject: string
  rule?: Partial<CameraEvent['rule']>
}

function eventOf({ rule, ...about }: Given): CameraEvent {
  const of = { id: 'gate', kind: 'intrusion', severity: 'critical', cooldownMs: 60_000, ...rule } as const
  return {
    ...{ v: 1, tenant: 'default', monitor: 'm', camera: 'yard', message: '', mediaMs: 0, objects: [] },
    id: `m:${of.id}:${about.subject}:${about.atMs}`,
    rule: of,
    ...about,
  }
}

/** How many alerts events become, given one by one. */
function alerts(given: readonly Given[], settings: Partial<GroupSettings> = {}): number {
  let groups: readonly EventGroup[] = []
  const ids = given.flatMap((about) => {
    const step = groupEvents(groups, [eventOf(about)], () => ({ cooldownMs: 60_000, ...settings }))
    groups = JSON.parse(JSON.stringify(step.groups))
    return step.events.map(({ group }) => group!.id)
  })
  return new Set(ids).size
}

const at = (seconds: number, subject: string): Given => ({ atMs: seconds * 1000, subject })

t.test(
  'who comes within five seconds of the one before is of the same alert; later is another',
  async (t) => {
    t.equal(alerts([at(0, 'a'), at(4, 'b'), at(8, 'c')]), 1)
    t.equal(alerts([at(0, 'a'), at(6, 'b')]), 2)
    t.equal(alerts([at(0, 'a'), at(6, 'b')], { groupMs: 10_000 }), 1)
    t.equal(alerts([at(0, 'a'), at(1, 'b')], { groupMs: 0 }), 2)
  },
)

t.test('by subject each has its own, and the same again within the cooldown is no other', async (t) => {
  t.equal(alerts([at(0, 'a'), at(1, 'b'), at(2, 'c')], { groupBy: 'subject' }), 3)
  t.equal(alerts([at(0, 'a'), at(30, 'a'), at(59, 'a')], { groupBy: 'subject' }), 1)
  t.equal(alerts([at(0, 'a'), at(60, 'a')], { groupBy: 'subject' }), 2, 'the cooldown is not prolonged')
  t.equal(alerts([at(0, 'a'), at(30, 'a')]), 1, 'in a group, too')
})

t.test('rules, directions and views are apart, unless the camera is one group', async (t) => {
  const other = { ...at(1, 'b'), rule: { id: 'door' } }
  t.equal(alerts([at(0, 'a'), other]), 2)
  t.equal(alerts([at(0, 'a'), other], { groupBy: 'camera' }), 1)
  const line = { line: { id: 'exit', from: [0, 0] as [number, number], to: [1, 1] as [number, number] } }
  const over = (seconds: number, subject: string, direction: 'left-to-right' | 'right-to-left') => ({
    ...at(seconds, subject),
    ...line,
    direction,
  })
  t.equal(
    alerts([over(0, 'a', 'left-to-right'), over(1, 'b', 'right-to-left'), over(2, 'c', 'left-to-right')]),
    2,
  )
  t.equal(alerts([over(0, 'a', 'left-to-right'), over(1, 'b', 'right-to-left')], { groupBy: 'rule' }), 1)
  t.equal(
    alerts([
      { ...at(0, 'a'), preset: 1 },
      { ...at(1, 'b'), preset: 2 },
    ]),
    2,
  )
})

t.test('what is more severe is never hidden in a group of what is less', async (t) => {
  const low = { ...at(0, 'a'), rule: { id: 'line', severity: 'low' as const } }
  t.equal(alerts([low, at(1, 'b')], { groupBy: 'camera' }), 2)
  t.equal(alerts([at(0, 'b'), { ...low, atMs: 1000 }], { groupBy: 'camera' }), 1)
})

t.test('a stream without an end is an alert every ten minutes', async (t) => {
  const hour = Array.from({ length: 1800 }, (_, i) => at(2 * i, `track-${i}`))
  t.equal(alerts(hour), 6)
})

t.test('a crowd of sixty that walks through a zone is one alert that counts them', async (t) => {
  const seen = trembling(1, { missed: 0.02 })
  const random = createRandom(4)
  const walkers = Array.from({ length: 60 }, (_, i) => ({
    startMs: random.between(0, 20_000),
    y: 0.3 + (0.65 * i) / 60,
    way: i % 2 ? 1 : -1,
  }))
  const zone = {
    id: 'middle',
    polygon: [
      [0.3, 0.1],
      [0.7, 0.1],
      [0.7, 1],
      [0.3, 1],
    ] as [number, number][],
  }
  const crowd = (ms: number) =>
    seen(
      walkers.flatMap(({ startMs, y, way }) => {
        const gone = (ms - startMs) / 12_000
        if (gone < 0 || gone > 1) return []
        return [
          { ...person([0.5 + way * (gone - 0.5) * 0.9, y]), box: boxAt(0.5 + way * (gone - 0.5) * 0.9, y) },
        ]
      }),
    )
  const rules = [{ id: 'enter', kind: 'intrusion' as const, zone: 'middle' }]
  const { events } = play({ seconds: 35, fps: 10, at: crowd }, { zones: [zone], rules })
  t.equal(new Set(events.map(({ group }) => group!.id)).size, 1)
  t.ok(events.at(-1)!.group!.subjects > 40, `${events.at(-1)!.group!.subjects} subjects`)

  function boxAt(x: number, y: number): [number, number, number, number] {
    return [x - 0.012, y - 0.03, x + 0.012, y]
  }
})

t.test('each event stays one of its own: rules over the past and summaries count them', async (t) => {
  const two = (ms: number) => (ms < 1000 ? [] : [person([0.3, 0.5]), person([0.6, 0.8])])
  const { events } = play(
    { seconds: 4, at: two },
    { zones: [EVERYWHERE], rules: [{ id: 'all', kind: 'intrusion', zone: 'all' }] },
  )
  t.equal(events.length, 2)
  t.strictSame(
    events.map(({ group }) => group?.id === events[0]!.id),
    [true, true],
  )
})
