import type { MonitorRequestInput } from '../../../schemas/monitor-request.ts'
import { type Activity, gainOf, isLost, type SeenAlert, type Turn, type World } from './action.ts'
import { thinkMs } from './think-time.ts'

/** Between two looks at the alerts, on average. */
const LOOK_MS = 1200
/** Who joined a monitor of somebody else looks so often and goes. */
const VISITOR_LOOKS = 4
/** A scene is told apart from the next one by its seed. */
const SEEDS = 1_000_000

interface State {
  readonly at: 'start' | 'pause' | 'look' | 'read' | 'acknowledge' | 'stop' | 'end'
  readonly taskId: string
  readonly isOwner: boolean
  /** Looks that are left. */
  readonly looks: number
  /** Alerts of the last look that nobody has taken care of. */
  readonly open: readonly SeenAlert[]
}

/**
 * Starts a monitor on a rendered street where there is room for one, else joins one that runs; looks at its alerts, reads each open one and
 * acknowledges it. Who started it stops it in the end and waits for its summary.
 */
export const monitorUser: Activity<State> = {
  name: 'monitoring',
  start(world) {
    const { running, hasRoom } = world.monitors
    const joined = running[Math.floor(world.draw() * running.length)]
    const state: State = { at: 'start', taskId: '', isOwner: true, looks: 0, open: [] }
    if (hasRoom) {
      const looks = Math.max(2, Math.floor(world.monitorMs / LOOK_MS))
      const ask = { op: 'startMonitor', request: monitorRequest(world) } as const
      return {
        state: { ...state, looks },
        action: { do: 'ask', ask, task: { kind: 'monitor', ends: 'completed' } },
      }
    }
    // Nothing to be looked at, and no room for more: alerts of all monitors are what is left.
    return pause({ ...state, taskId: joined ?? '', isOwner: false, looks: VISITOR_LOOKS }, world)
  },
  next(state, answer, world) {
    if (isLost(answer)) return { state, action: { do: 'end' } }
    switch (state.at) {
      case 'start':
        return pause({ ...state, taskId: gainOf('startMonitor', answer).taskId }, world)
      case 'pause':
        return {
          state: { ...state, at: 'look', looks: state.looks - 1 },
          action: { do: 'ask', ask: { op: 'listAlerts', monitor: state.taskId } },
        }
      case 'look': {
        const open = gainOf('listAlerts', answer).alerts.filter(({ status }) => status === 'open')
        return takeCare({ ...state, open }, world)
      }
      case 'read':
        return {
          state: { ...state, at: 'acknowledge' },
          action: {
            do: 'ask',
            ask: { op: 'acknowledgeAlert', id: state.open[0]!.id },
            // Somebody else was first, or it is over already.
            takes: ['ALERT_STATE_CONFLICT'],
          },
        }
      case 'acknowledge':
        return takeCare({ ...state, open: state.open.slice(1) }, world)
      case 'stop':
        return {
          state: { ...state, at: 'end' },
          action: { do: 'ask', ask: { op: 'watchTask', taskId: state.taskId } },
        }
      case 'end': {
        const { status, code } = gainOf('watchTask', answer)
        if (status === 'completed') return { state, action: { do: 'end' } }
        return {
          state,
          action: { do: 'end', unexpected: `a monitor ${status}: ${code ?? 'without a code'}` },
        }
      }
    }
  },
}

/** The next open alert is read; without one somebody looks again, or is done. */
function takeCare(state: State, world: World): Turn<State> {
  const [alert] = state.open
  if (alert)
    return {
      state: { ...state, at: 'read' },
      action: { do: 'ask', ask: { op: 'getAlert', id: alert.id } },
    }
  if (state.looks > 0) return pause(state, world)
  if (!state.isOwner) return { state, action: { do: 'end' } }
  return {
    state: { ...state, at: 'stop' },
    // It may have come to its own end.
    action: {
      do: 'ask',
      ask: { op: 'stopMonitor', taskId: state.taskId },
      takes: ['TASK_ALREADY_FINISHED', 'TASK_STATE_CONFLICT', 'TASK_NOT_FOUND', 'NOT_FOUND'],
    },
  }
}

function pause(state: State, { draw }: World): Turn<State> {
  return { state: { ...state, at: 'pause' }, action: { do: 'think', ms: thinkMs(draw(), LOOK_MS) } }
}

/** The whole picture is a zone that nobody may be in, so that everybody who passes is an alert. */
function monitorRequest({ draw, name, monitorMs }: World): MonitorRequestInput {
  return {
    source: { kind: 'scene', scenario: 'street', seed: Math.floor(draw() * SEEDS) },
    camera: `load-${name}`,
    zones: [
      {
        id: 'street',
        polygon: [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
        ],
      },
    ],
    rules: [{ id: 'passer-by', kind: 'intrusion', zone: 'street' }],
    fps: 2,
    loop: true,
    // A client that is gone leaves a monitor behind: it ends by itself.
    durationMs: monitorMs * 4,
  }
}
