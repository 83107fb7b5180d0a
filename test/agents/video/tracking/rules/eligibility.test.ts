import t from 'tap'
import { trackingInputSchema } from '#schemas/monitor-steps.ts'
import { EVERYWHERE, play, trembling } from '../scripts.ts'
import { person, rule, vehicle } from '../tracking-fixtures.ts'

const all = { zones: [EVERYWHERE] }
const watched = (more: object) => ({
  ...all,
  rules: [{ id: 'all', kind: 'intrusion' as const, zone: 'all', ...more }],
})
const count = (rules: Parameters<typeof play>[1], at = both) => play({ seconds: 5, at }, rules).events.length
/** A person of .5 % of the picture, a car of 2.4 %. */
const both = () => [person([0.2, 0.5]), vehicle([0.4, 0.5, 0.6, 0.62])]

t.test('sizes: only objects whose share of the picture is within, by class', async (t) => {
  t.equal(count(watched({})), 2)
  t.equal(count(watched({ sizes: { person: { min: 0.01 } } })), 1)
  t.equal(count(watched({ sizes: { person: { min: 0.01 }, vehicle: { max: 0.02 } } })), 0)
  t.equal(count(watched({ sizes: { vehicle: { min: 0.02, max: 0.03 } } })), 2)
  t.throws(() => rule('intrusion', { zone: 'all', sizes: { person: { min: 0.5, max: 0.1 } } }))
})

const GATE = {
  id: 'gate',
  polygon: [
    [0, 0.4],
    [0.2, 0.4],
    [0.2, 0.6],
    [0, 0.6],
  ] as [number, number][],
}
const INNER = {
  id: 'inner',
  polygon: [
    [0.5, 0.2],
    [0.9, 0.2],
    [0.9, 0.8],
    [0.5, 0.8],
  ] as [number, number][],
}

t.test('required zones: only who has come through one of them', async (t) => {
  const rules = [{ id: 'in', kind: 'intrusion' as const, zone: 'inner', requiredZones: ['gate'] }]
  const seen = trembling(1, { missed: 0 })
  const from = (x: number, y: number) => (ms: number) =>
    seen([person([x + ((0.7 - x) * ms) / 8000, y + ((0.5 - y) * ms) / 8000])])
  const told = (at: (ms: number) => ReturnType<typeof both>) =>
    play({ seconds: 8, at, fps: 10 }, { zones: [GATE, INNER], rules }).events.length
  t.equal(told(from(0.1, 0.5)), 1, 'through the gate')
  t.equal(told(from(0.3, 0.95)), 0, 'over the fence')
  t.throws(() => trackingInputSchema.parse({ camera: 'c', zones: [INNER], rules }), {
    message: /no zone .*gate/,
  })
})

t.test('ignore masks: what stands in one is taken as not seen', async (t) => {
  const polygon: [number, number][] = [
    [0.1, 0.4],
    [0.3, 0.4],
    [0.3, 0.6],
    [0.1, 0.6],
  ]
  t.equal(count({ ...watched({}), ignore: [{ id: 'sign', polygon }] }), 1)
  t.equal(count({ ...watched({}), ignore: [{ id: 'sign', polygon, classes: ['vehicle'] }] }), 2)
  t.equal(count({ ...watched({}), ignore: [{ id: 'sign', polygon, preset: 2 }] }), 2, 'of another view')
  const twice = {
    camera: 'c',
    ignore: [
      { id: 'a', polygon },
      { id: 'a', polygon },
    ],
  }
  t.throws(() => trackingInputSchema.parse(twice), { message: /two ignore/ })
})
