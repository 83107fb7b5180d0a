import { type WatchRule, watchRuleSchema } from '#schemas/watch-rule.ts'
import { randomPersonAppearance } from '../figures/person-appearance.ts'
import { type Body, randomVehicleAppearance, type VehicleAppearance } from '../figures/vehicle-appearance.ts'
import type { Random } from '../random.ts'
import type { PictureEffect } from '../raster/picture-effects.ts'
import type { Actor } from '../renderer.ts'
import type { PersonScript } from './animated-actors.ts'
import type { Leg, Route } from './route.ts'
import { SQUARE } from './square.ts'

/** A place of the ground: metres to the right of the camera and away from it. */
export type Spot = readonly [x: number, z: number]

/** Who plays in a scenario, and what is watched: zones and lines lie on the ground. */
export interface ScenarioScript {
  persons: readonly PersonScript[]
  driven: readonly { appearance: VehicleAppearance; route: Route }[]
  parked: readonly { appearance: VehicleAppearance; placement: Actor['placement'] }[]
  zones: readonly { id: string; corners: readonly Spot[] }[]
  lines: readonly { id: string; from: Spot; to: Spot }[]
  rules: readonly WatchRule[]
  /** What weather, light and the camera do to the pictures. */
  effects?: readonly PictureEffect[]
  /** Where the camera stands, when it is not the usual place. */
  mast?: Mast
  /** A camera that turns from view to view; zones and lines are those of the first. */
  tour?: Tour
}

/** Another place for a camera: metres to the right of the usual one, and radians to the right of where that looks. */
export interface Mast {
  xM: number
  turn: number
}

/** Views that a camera stays in for a while, and turns between; over and over. */
export interface Tour {
  /** Radians to the right of the usual view. */
  turns: readonly number[]
  staySec: number
  turnSec: number
}

export interface Scenario {
  name: string
  /** One line for `list`. */
  summary: string
  seconds: number
  write(random: Random): ScenarioScript
}

/** Where a forbidden zone, a doorway, a meeting place and a line lie on the square. */
export const GATE: readonly Spot[] = [
  [4.2, 10.2],
  [6.9, 10.2],
  [8.6, 13.6],
  [4.2, 13.6],
]
export const ENTRANCE: readonly Spot[] = [
  [-6.9, 10.2],
  [-4.2, 10.2],
  [-4.2, 13.6],
  [-8.6, 13.6],
]
export const PLAZA: readonly Spot[] = [
  [-3.1, 8],
  [3.1, 8],
  [3.1, 12.4],
  [-3.1, 12.4],
]
/** From the near kerb over the whole street: somebody who looks along it has the left of the picture on the left. */
export const EXIT_LINE: { from: Spot; to: Spot } = { from: [3.5, 14.6], to: [3.5, 22] }

export const gateRule = rule({ id: 'gate-access', kind: 'intrusion', zone: 'gate', classes: ['person'] })
export const entranceRule = rule({
  id: 'entrance-loitering',
  kind: 'loitering',
  zone: 'entrance',
  dwellMs: 8000,
})
export const plazaRule = rule({ id: 'plaza-crowd', kind: 'crowd', zone: 'plaza', minCount: 4, holdMs: 2000 })
export const exitRule = rule({
  id: 'exit-crossing',
  kind: 'line-crossing',
  line: 'exit',
  direction: 'left-to-right',
  classes: ['vehicle'],
})

export function rule(given: Parameters<typeof watchRuleSchema.parse>[0]): WatchRule {
  return watchRuleSchema.parse(given)
}

/** A grown-up in ordinary clothes. */
export function grownUp(random: Random): PersonScript['appearance'] {
  const appearance = randomPersonAppearance(random)
  return {
    ...appearance,
    heightM: Math.max(1.64, appearance.heightM),
    bag: appearance.bag === 'suitcase' ? 'none' : appearance.bag,
  }
}

export interface Walk {
  startSec: number
  from: Spot
  speedMps?: number
  legs: readonly Leg[]
}

/** A person on a way; chance chooses the looks and whether the arms are busy. */
export function walker(
  random: Random,
  { startSec, from, speedMps = random.between(1.2, 1.45), legs }: Walk,
): PersonScript {
  return { appearance: grownUp(random), arms: random.next(), route: { startSec, from, speedMps, legs } }
}

/** Somebody who passes from one side to the other on a straight way. */
export function passer(random: Random, startSec: number, z: number, way: 1 | -1): PersonScript {
  const reach = z * 0.62 + 5
  return walker(random, { startSec, from: [-way * reach, z], legs: [{ to: [way * reach, z] }] })
}

/** A vehicle that drives through. */
export function driver(
  random: Random,
  startSec: number,
  way: 1 | -1,
  speedMps: number,
  body?: readonly Body[],
): { appearance: VehicleAppearance; route: Route } {
  const z = way > 0 ? SQUARE.nearLane : SQUARE.farLane
  const appearance = randomVehicleAppearance(random, body ?? ['sedan', 'hatchback', 'estate', 'suv'])
  return { appearance, route: { startSec, from: [-way * 30, z], speedMps, legs: [{ to: [way * 30, z] }] } }
}

/** A car or a van at the far kerb. */
export function parked(random: Random, x: number, body?: readonly Body[]): ScenarioScript['parked'][number] {
  const appearance = randomVehicleAppearance(random, body ?? ['sedan', 'hatchback', 'estate', 'suv'])
  return { appearance, placement: { x, z: SQUARE.parking, yaw: Math.PI / 2 } }
}

export const NOTHING: ScenarioScript = {
  persons: [],
  driven: [],
  parked: [],
  zones: [],
  lines: [],
  rules: [],
}

/** Comes past the zone, turns into it, looks about and leaves it as it came. */
export function intruder(random: Random, startSec: number): PersonScript {
  return walker(random, {
    startSec,
    from: [12, 8.4],
    speedMps: 1.4,
    legs: [
      { to: [6.2, 8.4] },
      { to: [6, 12] },
      { staySec: 2 },
      { to: [5.5, 12.4], speedMps: 0.8 },
      { staySec: 1.5 },
      { to: [6.1, 12] },
      { to: [6.2, 8] },
      { to: [13, 8] },
    ],
  })
}
