import type {
  Action,
  Activity,
  Answer,
  Ask,
  Gains,
  Op,
  World,
} from '../../../../loadtest/load/users/action.ts'
import { LOAD_AGENTS } from '../../../../loadtest/load/users/agent-names.ts'

/** What a deployment would answer in a walk through an activity; a code is an error. */
export type Script = { [Kind in Op]?: readonly (Gains[Kind] | string)[] }

export function sampleWorld(over: Partial<World> = {}): World {
  return {
    draw: () => 0.25,
    name: 'x-1',
    monitors: { running: [], hasRoom: true },
    recentTask: undefined,
    monitorMs: 5000,
    agents: new Set(Object.values(LOAD_AGENTS)),
    ...over,
  }
}

/** Goes through an activity with the answers of a script, each list from its front; the last of a list comes again. */
export function walk<State>(
  activity: Activity<State>,
  script: Script,
  world = sampleWorld(),
): { asks: Ask[]; actions: Action[]; thoughts: number; unexpected: string | undefined } {
  const left = Object.fromEntries(Object.entries(script).map(([op, gains]) => [op, [...gains]]))
  const asks: Ask[] = []
  const actions: Action[] = []
  let thoughts = 0
  let turn = activity.start(world)
  for (let step = 0; step < 200; step++) {
    const { action, state } = turn
    actions.push(action)
    if (action.do === 'end') return { asks, actions, thoughts, unexpected: action.unexpected }
    if (action.do === 'think') {
      thoughts++
      turn = activity.next(state, undefined, world)
      continue
    }
    asks.push(action.ask)
    const gains = left[action.ask.op]
    if (!gains) throw new Error(`the script has no answer to ${action.ask.op}`)
    const gain = gains.length > 1 ? gains.shift() : gains[0]
    const answer: Answer =
      typeof gain === 'string'
        ? { ok: false, kind: action.takes?.includes(gain) ? 'taken' : 'error', code: gain }
        : { ok: true, gain: gain as Gains[Op] }
    turn = activity.next(state, answer, world)
  }
  throw new Error('the activity does not end')
}

export const BLOB = { blob: 'uploads/a', size: 1, sha256: 'a'.repeat(64), contentType: 'text/csv' }
