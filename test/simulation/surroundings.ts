import type { Dice } from '../chaos/campaign/dice.ts'
import type { Emission } from './history.ts'
import type { Network } from './network.ts'
import type { Troubles } from './random-world.ts'
import type { SimulatedBroker } from './simulated-broker.ts'
import type { SimulatedObjects, SimulatedStore } from './simulated-store.ts'
import type { Timeline } from './timeline.ts'

/** What keeps the orchestrator right, and can be switched off to see that it is missed. */
export const PROTECTIONS = ['offset-check', 'message-ids', 'attempt-fence', 'cancel-before-start'] as const
export type Protection = (typeof PROTECTIONS)[number]

/** What everybody in a simulation has to do with. */
export interface Surroundings {
  timeline: Timeline
  dice: Dice
  network: Network
  broker: SimulatedBroker
  store: SimulatedStore
  objects: SimulatedObjects
  /** As they are now. */
  troubles: () => Troubles
  without: ReadonlySet<Protection>
  /** Every command that an owner carried out, whichever owner it was. */
  onEmission: (emission: Emission) => void
  /** An owner begins, or begins anew. */
  onTakeover: () => void
  /** Whether the store may still lose something. */
  isWatching: () => boolean
  trace: ((line: string) => void) | undefined
}
