import type { Random } from '../random.ts'
import { grain, lamp, nightMode, shake } from '../raster/picture-effects.ts'
import {
  ENTRANCE,
  GATE,
  gateRule,
  intruder,
  NOTHING,
  parked,
  passer,
  rule,
  type Scenario,
  type ScenarioScript,
  type Spot,
  walker,
} from './script.ts'

const gate = { id: 'gate', corners: GATE }
const entrance = { id: 'entrance', corners: ENTRANCE }
/** The pavement beyond the street. */
const FAR: readonly Spot[] = [
  [-3, 24.4],
  [3.4, 24.4],
  [3.4, 27],
  [-3, 27],
]
const far = { id: 'far', corners: FAR }
const farRule = rule({ id: 'far-access', kind: 'intrusion', zone: 'far', classes: ['person'] })
const stayRule = rule({ id: 'long-stay', kind: 'loitering', zone: 'entrance', dwellMs: 40_000 })
const NOISE = grain(3)

const guarded = (random: Random): ScenarioScript => ({
  ...NOTHING,
  parked: [parked(random, -4)],
  zones: [gate],
  rules: [gateRule],
  effects: [NOISE],
})

/**
 * Places in which nothing moves most of the time: what is hardest to notice there for whoever looks only when something moves. Each event is
 * to be told as if every frame were looked at.
 */
export const QUIET_PLACES: readonly Scenario[] = [
  {
    name: 'empty',
    summary: 'nobody comes for a minute; two cars are parked',
    seconds: 60,
    write: (random) => ({ ...guarded(random), parked: [parked(random, -4), parked(random, 5)] }),
  },
  {
    name: 'visitor',
    summary: 'nobody is there for most of a minute; then an intruder comes',
    seconds: 60,
    write: (random) => ({ ...guarded(random), persons: [intruder(random, 36)] }),
  },
  {
    name: 'slow-walker',
    summary: "somebody comes into a forbidden zone by a hand's breadth a second",
    seconds: 60,
    write: (random) => ({ ...guarded(random), persons: [creeper(random)] }),
  },
  {
    name: 'far-off',
    summary: 'somebody far away, hardly larger than a network can see, walks into a forbidden zone',
    seconds: 40,
    write: (random) => ({
      ...guarded(random),
      persons: [
        walker(random, { startSec: 8, from: [-16, 25.4], legs: [{ to: [0, 25.6] }, { staySec: 60 }] }),
      ],
      parked: [],
      zones: [far],
      rules: [farRule],
    }),
  },
  {
    name: 'night-visitor',
    summary: 'an intruder at night: grey, dark at the edges, noisy',
    seconds: 40,
    write: (random) => ({ ...guarded(random), persons: [intruder(random, 14)], effects: [nightMode(-1)] }),
  },
  {
    name: 'lamp',
    summary: 'a lamp goes on and off while an intruder is there',
    seconds: 40,
    write: (random) => ({
      ...guarded(random),
      persons: [intruder(random, 10)],
      effects: [lamp(6, 16, 1.6), lamp(24, 30, 0.6), NOISE],
    }),
  },
  {
    name: 'long-stay',
    summary: 'somebody stands in an entrance for longer than may be',
    seconds: 75,
    write: (random) => ({
      ...guarded(random),
      persons: [
        walker(random, {
          startSec: 3,
          from: [-13.5, 12.4],
          speedMps: 1.35,
          legs: [{ to: [-6, 11.8] }, { staySec: 55 }, { to: [-14, 11.4] }],
        }),
      ],
      zones: [entrance],
      rules: [stayRule],
    }),
  },
  {
    name: 'shaking',
    summary: 'a camera on a mast in the wind; an intruder comes',
    seconds: 40,
    write: (random) => ({
      ...guarded(random),
      persons: [intruder(random, 14), passer(random, 2, 8, 1)],
      effects: [shake(1), NOISE],
    }),
  },
]

/** Stands before the zone, and gets into it so slowly that no two pictures differ by much. */
function creeper(random: Random) {
  return walker(random, {
    startSec: 0,
    from: [11, 9.2],
    speedMps: 1.3,
    legs: [{ to: [7.6, 9.4] }, { staySec: 8 }, { to: [6, 12], speedMps: 0.12 }, { staySec: 60 }],
  })
}
