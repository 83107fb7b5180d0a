import type { Random } from '../random.ts'
import type { PersonScript } from './animated-actors.ts'
import { CONDITIONS } from './conditions.ts'
import { OVERLAP } from './overlap.ts'
import { QUIET_PLACES } from './quiet-places.ts'
import {
  driver,
  ENTRANCE,
  EXIT_LINE,
  entranceRule,
  exitRule,
  GATE,
  gateRule,
  intruder,
  NOTHING,
  PLAZA,
  parked,
  passer,
  plazaRule,
  type Scenario,
  type Spot,
  walker,
} from './script.ts'

const gate = { id: 'gate', corners: GATE }
const entrance = { id: 'entrance', corners: ENTRANCE }
const plaza = { id: 'plaza', corners: PLAZA }
const exit = { id: 'exit', ...EXIT_LINE }

/** What a monitor is there for. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'street',
    summary: 'persons and vehicles pass, two cars are parked; nothing is watched',
    seconds: 30,
    write: (random) => ({
      ...NOTHING,
      persons: [
        passer(random, -6, 10, 1),
        passer(random, 0, 12.6, -1),
        passer(random, 5, 8.6, 1),
        passer(random, 9, 13.8, 1),
        passer(random, 13, 11.2, -1),
        passer(random, 16, 25.6, -1),
        passer(random, -8, 25.4, 1),
      ],
      driven: [
        driver(random, 1, 1, 8),
        driver(random, 6, -1, 7),
        driver(random, 13, 1, 7, ['van', 'minibus']),
        driver(random, 17, -1, 8),
        driver(random, 21, 1, 6.5, ['truck', 'bus']),
      ],
      parked: [parked(random, -5), parked(random, 6.5)],
    }),
  },
  {
    name: 'crowd',
    summary: 'six persons meet on the plaza, stay together and go apart',
    seconds: 30,
    write: (random) => ({
      ...NOTHING,
      persons: [...meeting(random, 4, 14), passer(random, 1, 13.8, 1), passer(random, 12, 14, -1)],
      driven: [driver(random, 9, -1, 7)],
      parked: [parked(random, -6)],
      zones: [plaza],
      rules: [plazaRule],
    }),
  },
  {
    name: 'intruder',
    summary: 'somebody enters a forbidden zone; others pass it by',
    seconds: 25,
    write: (random) => ({
      ...NOTHING,
      persons: [
        intruder(random, 5),
        passer(random, -2, 8, 1),
        passer(random, 9, 14.6, -1),
        passer(random, 12, 7.8, -1),
      ],
      driven: [driver(random, 13, 1, 7)],
      parked: [parked(random, -4)],
      zones: [gate],
      rules: [gateRule],
    }),
  },
  {
    name: 'loiterer',
    summary: 'somebody hangs about at an entrance; others walk through',
    seconds: 30,
    write: (random) => ({
      ...NOTHING,
      persons: [loiterer(random, 2, 15), passer(random, 16, 10.4, 1), passer(random, 6, 8.2, -1)],
      driven: [driver(random, 8, -1, 7)],
      parked: [parked(random, 5)],
      zones: [entrance],
      rules: [entranceRule],
    }),
  },
  {
    name: 'crossing',
    summary: 'a car crosses the watched line; another one passes the other way',
    seconds: 20,
    write: (random) => ({
      ...NOTHING,
      persons: [passer(random, -3, 11, 1), passer(random, 4, 13.2, -1)],
      driven: [driver(random, 4, 1, 6.5), driver(random, 11, -1, 7)],
      parked: [parked(random, -6)],
      lines: [exit],
      rules: [exitRule],
    }),
  },
  {
    name: 'yard',
    summary: 'an intruder, a loiterer, a car over the line and a crowd, one after another, past a parked van',
    seconds: 40,
    write: (random) => ({
      ...NOTHING,
      persons: [
        passer(random, -4, 14.2, -1),
        loiterer(random, 1, 13),
        intruder(random, 4.5),
        ...meeting(random, 21, 12),
      ],
      driven: [driver(random, 17.5, 1, 6.5), driver(random, 29, -1, 7.5)],
      parked: [parked(random, -4.5, ['van'])],
      zones: [gate, entrance, plaza],
      lines: [exit],
      rules: [gateRule, entranceRule, plazaRule, exitRule],
    }),
  },
]

/** Comes from the left, hangs about in the zone with a few steps, and leaves as it came. */
function loiterer(random: Random, startSec: number, staySec: number): PersonScript {
  return walker(random, {
    startSec,
    from: [-13.5, 12.4],
    speedMps: 1.35,
    legs: [
      { to: [-6.4, 12] },
      { staySec: staySec * 0.4 },
      { to: [-5.4, 11.4], speedMps: 0.7 },
      { staySec: staySec * 0.3 },
      { to: [-6.6, 11], speedMps: 0.7 },
      { staySec: staySec * 0.3 },
      { to: [-14, 11.4] },
    ],
  })
}

/** Six persons who reach the plaza at about the same time from all sides, and leave it the same way. */
function meeting(random: Random, startSec: number, staySec: number): PersonScript[] {
  const places: readonly Spot[] = [
    [-2.1, 9.4],
    [-0.7, 9.2],
    [0.8, 9.5],
    [2.1, 9.2],
    [-1.2, 11.1],
    [1.3, 11.2],
  ]
  const sides: readonly Spot[] = [
    [-11, 7.6],
    [-10.4, 6.8],
    [10.4, 6.8],
    [11, 7.4],
    [-3.4, 4.4],
    [3.4, 4.4],
  ]
  return places.map((place, i) => {
    const from = sides[i]!
    const speedMps = random.between(1.25, 1.4)
    const seconds = Math.hypot(place[0] - from[0], place[1] - from[1]) / speedMps
    // All arrive within a second and a half, so that the crowd is there at one moment rather than bit by bit.
    const arriveSec = startSec + 10 + random.between(0, 1.2)
    return walker(random, {
      startSec: arriveSec - seconds,
      from,
      speedMps,
      legs: [{ to: place }, { staySec: staySec - 5 + random.between(0, 1.5) }, { to: from }],
    })
  })
}

/** All that there is: what happens, what real cameras live with, places where little happens, two cameras. */
export const ALL_SCENARIOS: readonly Scenario[] = [...SCENARIOS, ...CONDITIONS, ...QUIET_PLACES, ...OVERLAP]

/** The scenario of a name; undefined when there is none. */
export function findScenario(name: string): Scenario | undefined {
  return ALL_SCENARIOS.find((scenario) => scenario.name === name)
}
