import t from 'tap'
import type { Point } from '#schemas/geometry.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import { sideOf } from '../../../../../services/agents/video/tracking/rules/line-crossing.ts'
import { LINE, plan, rule, standing, steps, still, walk, watch } from '../tracking-fixtures.ts'

const told = (events: ReturnType<typeof watch>) => events.map(({ event }) => event.message)
const crossing = rule('line-crossing', { line: 'exit' })

t.test(
  'left and right are those of somebody who stands at `from` and looks to `to`; y points down',
  async (t) => {
    t.equal(sideOf(LINE, [0.2, 0.5]), 'left', 'looking up the picture')
    t.equal(sideOf({ ...LINE, from: LINE.to, to: LINE.from }, [0.2, 0.5]), 'right', 'looking down it')
    const across = { id: 'l', from: [0.1, 0.5] as Point, to: [0.9, 0.5] as Point }
    t.equal(sideOf(across, [0.5, 0.2]), 'left', 'looking to the right: what is above is on the left')
  },
)

t.test('line: once, with its direction and its moment', async (t) => {
  const events = watch(plan(crossing), walk(steps([0.3, 0.5], [0.7, 0.5], 41)))
  t.strictSame(told(events), ['Person crossed exit from left to right'])
  t.match(events[0]!.event, { direction: 'left-to-right', line: LINE, subject: 'track-1' })
  t.ok(Math.abs(events[0]!.atMs - 2000) < 100, String(events[0]!.atMs))
  t.ok(events[0]!.raisedMs - events[0]!.atMs <= 500)
  const back = watch(plan(crossing), walk(steps([0.7, 0.5], [0.3, 0.5], 41)))
  t.strictSame(told(back), ['Person crossed exit from right to left'])
})

t.test('line: beyond its ends is not across it', async (t) => {
  t.strictSame(watch(plan(crossing), walk(steps([0.3, 0.95], [0.7, 0.95], 41))), [])
})

t.test('line: a rule for one direction does not hear of the other', async (t) => {
  const leaving = rule('line-crossing', { line: 'exit', direction: 'right-to-left' })
  t.strictSame(watch(plan(leaving), walk(steps([0.3, 0.5], [0.7, 0.5], 41))), [])
})

t.test(
  'line: what stands on it crosses nothing, however its box jumps; what goes on over it does',
  async (t) => {
    const random = createRandom(3)
    const jumps = Array.from({ length: 300 }, (): Point => [0.5 + random.between(-0.08, 0.08), 0.5])
    const arrives = walk(steps([0.3, 0.5], [0.49, 0.5], 20))
    const stands = walk(jumps, 100, { place: standing([0.5, 0.5]) })
    const leaves = walk(steps([0.49, 0.5], [0.8, 0.5], 30))
    const shifted = (observations: ReturnType<typeof walk>, ms: number) =>
      observations.map((each) => ({ ...each, atMs: each.atMs + ms }))
    const all = [...arrives, ...shifted(stands, 2000), ...shifted(leaves, 32_000)]
    const events = watch(plan(crossing), all)
    t.strictSame(told(events), ['Person crossed exit from left to right'])
    t.ok(events[0]!.raisedMs > 32_000, 'when it has left its place')
    const creeps = walk(steps([0.4, 0.5], [0.6, 0.5], 600)).map((each) => ({
      ...each,
      tracks: each.tracks.map((track) => ({ ...track, place: track.box })),
    }))
    t.strictSame(told(watch(plan(crossing), creeps)), ['Person crossed exit from left to right'])
  },
)

t.test('line: trembling on it is nothing, and across it one event', async (t) => {
  const tremble = Array.from({ length: 100 }, (_, i): Point => [0.5 + (i % 2 ? 0.006 : -0.006), 0.5])
  t.strictSame(watch(plan(crossing), walk(tremble)), [])
  const slowly = steps([0.4, 0.5], [0.6, 0.5], 401).map(
    ([x, y], i): Point => [x + (i % 2 ? 0.006 : -0.006), y],
  )
  t.equal(watch(plan(crossing), walk(slowly, 40)).length, 1)
})

t.test('line: to and fro close to it is told once each way; from afar, every time', async (t) => {
  const swing = (width: number) =>
    Array.from({ length: 6 }, (_, i) =>
      steps([0.5 + (i % 2 ? width : -width), 0.5], [0.5 + (i % 2 ? -width : width), 0.5], 15),
    ).flat()
  t.equal(watch(plan(crossing), walk(swing(0.02))).length, 2)
  t.equal(watch(plan(crossing), walk(swing(0.15))).length, 6)
})

t.test('line: what is withheld close to it is told by the side on which the track goes away', async (t) => {
  const [left, right]: Point[] = [
    [0.48, 0.5],
    [0.52, 0.5],
  ]
  const close = (from: Point, to: Point) => [...steps(from, to, 15), ...still(to, 7)]
  const thrice = [...close(left!, right!), ...close(right!, left!), ...close(left!, right!)]
  const leaves = [...thrice, ...steps([0.53, 0.5], [0.7, 0.5], 20)]
  const directions = (path: readonly Point[]) =>
    watch(plan(crossing), walk(path)).map(({ event }) => event.direction)
  t.strictSame(directions(thrice), ['left-to-right', 'right-to-left'], 'it may still turn')
  t.strictSame(directions(leaves), ['left-to-right', 'right-to-left', 'left-to-right'])
  const back = [...leaves, ...steps([0.7, 0.5], [0.3, 0.5], 40)]
  t.equal(directions(back).at(-1), 'right-to-left', 'they take turns')
  t.equal(directions(back).length, 4)
  const turns = [...thrice, ...close(right!, left!), ...steps([0.47, 0.5], [0.3, 0.5], 20)]
  t.strictSame(directions(turns), ['left-to-right', 'right-to-left'], 'it went back: nothing is open')
  const jumps = [...close(left!, right!), ...close(right!, left!), [0.7, 0.5] as Point]
  t.strictSame(directions(jumps), ['left-to-right', 'right-to-left', 'left-to-right'], 'at once far away')
  const oneWay = rule('line-crossing', { line: 'exit', direction: 'left-to-right' })
  t.equal(watch(plan(oneWay), walk(leaves)).length, 2)
})

t.test('line: crossed behind a pillar is crossed', async (t) => {
  const path = steps([0.3, 0.5], [0.7, 0.5], 41).map((at, i) => (i > 15 && i < 25 ? undefined : at))
  t.equal(watch(plan(crossing), walk(path)).length, 1)
})
