import type { Random } from '../random.ts'
import { flicker, fog, nightMode, rain } from '../raster/picture-effects.ts'
import {
  driver,
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
/** The strip beyond the far kerb where cars are parked. */
const PARKING: readonly Spot[] = [
  [-9, 21.7],
  [9, 21.7],
  [9, 24.6],
  [-9, 24.6],
]
const parking = { id: 'parking', corners: PARKING }
/** Each of them is told by itself: they stand there from the beginning, all at once. */
const parkingRule = rule({
  id: 'parking-access',
  kind: 'intrusion',
  zone: 'parking',
  classes: ['vehicle'],
  groupBy: 'subject',
  severity: 'medium',
})

const cars = (random: Random) => [parked(random, -4.5, ['van', 'suv']), parked(random, 4, ['van', 'suv'])]

function watched(random: Random, startSec: number): ScenarioScript {
  return {
    ...NOTHING,
    persons: [intruder(random, startSec), passer(random, -2, 8, 1)],
    parked: cars(random),
    zones: [gate, parking],
    rules: [gateRule, parkingRule],
  }
}

/** What real cameras live with: each thing is to be told once, and nothing else. */
export const CONDITIONS: readonly Scenario[] = [
  {
    name: 'fog',
    summary: 'two parked cars vanish in fog three times; an intruder comes between',
    seconds: 90,
    write: (random) => ({
      ...watched(random, 30),
      effects: [fog(6, 26, 1.1), fog(52, 68, 1.1), fog(72, 86, 1.1)],
    }),
  },
  {
    name: 'night-switch',
    summary: 'a camera goes over to its night mode before an intruder comes',
    seconds: 35,
    write: (random) => ({ ...watched(random, 12), effects: [nightMode(8)] }),
  },
  {
    name: 'flicker',
    summary: 'an intruder in the light of a lamp that flickers',
    seconds: 30,
    write: (random) => ({ ...watched(random, 7), effects: [flicker(0.4, 0.35)] }),
  },
  {
    name: 'rain',
    summary: 'an intruder in the rain',
    seconds: 30,
    write: (random) => ({ ...watched(random, 7), effects: [fog(-10, 999, 0.25), rain(350)] }),
  },
  {
    name: 'occlusion',
    summary: 'buses hide two parked cars; somebody walks behind a van to the gate',
    seconds: 40,
    write: (random) => ({
      ...watched(random, 16),
      driven: [
        driver(random, 3, 1, 5, ['bus']),
        driver(random, 9, -1, 5, ['bus', 'truck']),
        driver(random, 22, 1, 6, ['truck']),
      ],
    }),
  },
  {
    name: 'ptz',
    summary: 'a camera goes round three views for two minutes; an intruder comes in the first',
    seconds: 120,
    write: (random) => ({
      ...watched(random, 41),
      persons: [lateIntruder(random, 52), passer(random, -2, 8, 1)],
      tour: { turns: [0, 0.9, -0.9], staySec: 15, turnSec: 1.5 },
    }),
  },
]

/** Comes into the zone and stays: the camera turns away from it, and comes back. */
function lateIntruder(random: Random, startSec: number) {
  return walker(random, {
    startSec,
    from: [9, 12],
    speedMps: 1.4,
    legs: [{ to: [6, 12] }, { staySec: 200 }],
  })
}
