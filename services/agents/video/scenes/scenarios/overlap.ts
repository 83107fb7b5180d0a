import type { Random } from '../random.ts'
import {
  driver,
  GATE,
  gateRule,
  intruder,
  type Mast,
  NOTHING,
  parked,
  passer,
  type Scenario,
  type ScenarioScript,
} from './script.ts'

/** The same people and cars at the same times, seen from one of two masts: with the same seed it is the same world. */
function seenFrom(mast: Mast) {
  return (random: Random): ScenarioScript => ({
    ...NOTHING,
    persons: [intruder(random, 6), passer(random, 1, 8.2, -1)],
    driven: [driver(random, 9, 1, 7)],
    parked: [parked(random, 1.5)],
    zones: [{ id: 'gate', corners: GATE }],
    rules: [gateRule],
    mast,
  })
}

/** Two cameras that see the same gate. */
export const OVERLAP: readonly Scenario[] = [
  {
    name: 'overlap-west',
    summary: 'an intruder at a gate that two cameras see; this is the western one',
    seconds: 25,
    write: seenFrom({ xM: -3, turn: 0.35 }),
  },
  {
    name: 'overlap-east',
    summary: 'the same intruder at the same time, seen by the eastern camera',
    seconds: 25,
    write: seenFrom({ xM: 9, turn: -0.2 }),
  },
]
