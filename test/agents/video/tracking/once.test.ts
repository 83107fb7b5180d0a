import t from 'tap'
import type { Detection } from '#schemas/detection.ts'
import type { Box } from '#schemas/geometry.ts'
import { HOURS, minutesMs, play, trembling } from './scripts.ts'
import { person, vehicle } from './tracking-fixtures.ts'

const CAR: Box = [0.4, 0.5, 0.6, 0.62]
const SIGN: Box = [0.7, 0.4, 0.73, 0.52]
const sign: Detection = { class: 'person', label: 'person', score: 0.6, box: SIGN }

const subjects = (script: Parameters<typeof play>[0]) =>
  play(script).events.map(({ subject, message }) => `${subject}: ${message}`)

t.test('a car in fog for six minutes at a time, over four hours, is told once', async (t) => {
  const seen = trembling(1)
  const isFog = (ms: number) => ms % minutesMs(8) > minutesMs(2)
  const at = (ms: number) => (isFog(ms) ? [] : seen([vehicle(CAR)]))
  t.strictSame(subjects({ seconds: HOURS.four, fps: 1, at }), ['track-1: Vehicle entered all'])
})

for (const [what, part] of Object.entries({
  'its upper third': [0.4, 0.5, 0.6, 0.54],
  'its left third': [0.4, 0.5, 0.467, 0.62],
  'a third of it both ways': [0.47, 0.54, 0.537, 0.58],
} satisfies Record<string, Box>))
  t.test(`a car whose box jumps to ${what} every 20 s is told once in an hour`, async (t) => {
    const seen = trembling(2, { missed: 0 })
    const at = (ms: number) => seen([vehicle(Math.floor(ms / 20_000) % 2 ? part : CAR)])
    t.strictSame(subjects({ seconds: 1200, fps: 2, at }), ['track-1: Vehicle entered all'])
    const briefly = (ms: number) => seen([vehicle(ms % 20_000 < 600 && ms > 1000 ? part : CAR)])
    t.strictSame(subjects({ seconds: 1200, fps: 5, at: briefly }), ['track-1: Vehicle entered all'])
  })

const BESIDE: Box = [0.63, 0.5, 0.83, 0.62]

for (const missed of [0.3, 0.5])
  t.test(
    `two cars side by side, each seen in ${100 - 100 * missed} % of frames, are told once in an hour`,
    async (t) => {
      const seen = trembling(3, { missed, off: 0.05 })
      // Each of them has been there for five seconds.
      const clear = trembling(4, { missed: 0 })
      const at = (ms: number) => (ms < 5000 ? clear : seen)([vehicle(CAR), vehicle(BESIDE)])
      t.strictSame(subjects({ seconds: HOURS.one, fps: 2, at }), [
        'track-1: Vehicle entered all',
        'track-2: Vehicle entered all',
      ])
    },
  )

for (const seconds of [3, 10, 30])
  t.test(`a bus that passes two parked cars in ${seconds} s: they are who they were`, async (t) => {
    const seen = trembling(1)
    const at = (ms: number) => {
      const left = -0.5 + ((ms - 20_000) / 1000 / seconds) * 1.6
      const bus: Box = [Math.max(0, left), 0.4, Math.min(1, Math.max(0, left + 0.5)), 0.7]
      const isThere = ms > 20_000 && bus[2] - bus[0] > 0.02
      const hidden = (car: Box) =>
        isThere && Math.min(bus[2], car[2]) - Math.max(bus[0], car[0]) >= 0.5 * (car[2] - car[0])
      const cars = [CAR, BESIDE].filter((car) => !hidden(car))
      return seen([...cars.map((car) => vehicle(car)), ...(isThere ? [vehicle(bus, 'bus')] : [])])
    }
    t.equal(subjects({ seconds: 80, at }).length, 3)
  })

t.test('a signpost that is taken for a person for some seconds of every minute is told once', async (t) => {
  const seen = trembling(3, { missed: 0.1 })
  for (const seconds of [1, 3, 10]) {
    const at = (ms: number) => (ms % 60_000 < seconds * 1000 ? seen([sign]) : [])
    t.strictSame(subjects({ seconds: HOURS.one, at }), ['track-1: Person entered all'], `${seconds} s`)
  }
})

t.test(
  'a person who walks up to the signpost while it is away, and one who passes it, are told',
  async (t) => {
    const seen = trembling(4, { missed: 0 })
    const at = (ms: number) => {
      const inMinute = ms % 60_000
      const post = inMinute < 5000 ? [sign] : []
      // From the left to the post, and on, in the fourth minute.
      const walks = ms > 200_000 && ms < 212_000 ? [person([0.1 + (ms - 200_000) / 14_000, 0.52])] : []
      return seen([...post, ...walks])
    }
    t.strictSame(subjects({ seconds: 400, at, fps: 10 }), [
      'track-1: Person entered all',
      'track-2: Person entered all',
    ])
  },
)

t.test('somebody who comes out of the door where another went in is told', async (t) => {
  const seen = trembling(5, { missed: 0 })
  const way = (ms: number) => person([0.5 + Math.max(0, ms - 3000) / 10_000, 0.5])
  const at = (ms: number) => {
    // Stands in the door for 3 s, and goes in again; two minutes later another does the same, and walks off.
    if (ms < 3000) return seen([person([0.5, 0.5])])
    const second = ms - 120_000
    return second > 0 && second < 7000 ? seen([way(second)]) : []
  }
  t.equal(subjects({ seconds: 140, at, fps: 10 }).length, 2)
})

t.test('another car in the place of one that drove off is told', async (t) => {
  const seen = trembling(6)
  const drive = (by: number): Box => [CAR[0] + by, CAR[1], Math.min(1, CAR[2] + by), CAR[3]]
  const at = (ms: number) => {
    if (ms < 60_000) return seen([vehicle(CAR)])
    if (ms < 64_000) return seen([vehicle(drive((ms - 60_000) / 10_500))])
    if (ms < 90_000) return []
    return seen([vehicle(ms < 94_000 ? drive((94_000 - ms) / 10_500) : CAR)])
  }
  t.equal(subjects({ seconds: 120, at, fps: 10 }).length, 2)
})

t.test('behind parked cars and lorries: one who walks through gaps is one', async (t) => {
  const seen = trembling(7, { missed: 0 })
  const isHidden = (x: number) => (x > 0.3 && x < 0.36) || (x > 0.6 && x < 0.68)
  const at = (ms: number) => {
    const x = 0.1 + ms / 25_000
    return isHidden(x) || x > 0.95 ? [] : seen([person([x, 0.6])])
  }
  t.equal(subjects({ seconds: 25, at, fps: 10 }).length, 1)
})
