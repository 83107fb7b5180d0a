import type { WatchRule } from '#schemas/watch-rule.ts'
import type { VehicleAppearance } from '../figures/vehicle-appearance.ts'
import type { Random } from '../random.ts'
import type { Actor } from '../stage.ts'
import type { Route } from './path.ts'
import type { PersonPart } from './players.ts'

/** A place of the ground: metres to the right of the camera and away from it. */
export type Spot = readonly [x: number, z: number]

/** Who plays in a scenario, and what is watched: zones and lines lie on the ground. */
export interface Script {
  persons: readonly PersonPart[]
  driven: readonly { appearance: VehicleAppearance; route: Route }[]
  parked: readonly { appearance: VehicleAppearance; placement: Actor['placement'] }[]
  zones: readonly { id: string; corners: readonly Spot[] }[]
  lines: readonly { id: string; from: Spot; to: Spot }[]
  rules: readonly WatchRule[]
}

export interface Scenario {
  name: string
  /** One line for `list`. */
  summary: string
  seconds: number
  write(random: Random): Script
}
