import { type Activity, type Ask, isLost, type Turn, type World } from './action.ts'
import { thinkMs } from './think-time.ts'

const BETWEEN_MS = 700

interface State {
  /** Questions that are still to be asked. */
  readonly left: readonly Ask[]
}

/** Looks at how everything is: the system, the list of tasks, one of them, the agents. */
export const statusUser: Activity<State> = {
  name: 'status checks',
  start({ recentTask }) {
    const task: Ask[] = recentTask === undefined ? [] : [{ op: 'getTask', taskId: recentTask }]
    return ask({ left: [{ op: 'getStatus' }, { op: 'listTasks' }, ...task, { op: 'listAgents' }] })
  },
  next(state, answer, world: World): Turn<State> {
    if (isLost(answer)) return { state, action: { do: 'end' } }
    // After a thought comes the next question, after an answer a thought.
    if (answer === undefined) return ask(state)
    if (state.left.length === 0) return { state, action: { do: 'end' } }
    return { state, action: { do: 'think', ms: thinkMs(world.draw(), BETWEEN_MS) } }
  },
}

function ask({ left: [first, ...left] }: State): Turn<State> {
  return { state: { left }, action: { do: 'ask', ask: first! } }
}
