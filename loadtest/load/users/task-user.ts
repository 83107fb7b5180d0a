import { type Activity, gainOf, isLost, type TaskKind, type Turn, type World } from './action.ts'
import { LOAD_AGENTS } from './agent-names.ts'

const PAYLOAD = 'x'.repeat(200)
interface State {
  readonly taskId: string
}

/** Submits a task of three steps, one after the other, and waits for its end. The steps do nothing: what is left is the system itself. */
export const taskUser: Activity<State> = submitting('three-step task', ({ agents }) => threeSteps(agents))

/** The same, now and then, to see when everything works again after something was killed. */
export const probeUser: Activity<State> = submitting('probe', ({ agents }) => threeSteps(agents))

/** A report on a short text, for the same. */
export const probeReporter: Activity<State> = submitting('probe', ({ name }) => ({
  type: 'report',
  input: { title: `Probe ${name}`, sources: [{ name: 'note.md', text: '# A note\n\nSales rose by 4 %.' }] },
  labels: { load: 'probe' },
}))

function submitting(kind: TaskKind, submissionOf: (world: World) => object): Activity<State> {
  return {
    name: kind,
    start(world): Turn<State> {
      return {
        state: { taskId: '' },
        action: {
          do: 'ask',
          ask: { op: 'submit', submission: submissionOf(world) },
          task: { kind, ends: 'completed' },
        },
      }
    },
    next(state, answer) {
      if (isLost(answer)) return { state, action: { do: 'end' } }
      if (state.taskId === '') {
        const { taskId } = gainOf('submit', answer)
        return {
          state: { taskId },
          action: { do: 'ask', ask: { op: 'watchTask', taskId }, endsTask: kind },
        }
      }
      const { status, code } = gainOf('watchTask', answer)
      if (status === 'completed') return { state, action: { do: 'end' } }
      return { state, action: { do: 'end', unexpected: `a ${kind} ${status}: ${code ?? 'without a code'}` } }
    },
  }
}

/** With the agent of the local stack that does nothing; where it is not, three short texts are read instead. */
function threeSteps(agents: ReadonlySet<string>): object {
  const own = agents.has(LOAD_AGENTS.echo)
  const agent = own ? LOAD_AGENTS.echo : 'ingest'
  const input = own ? { payload: PAYLOAD } : { name: 'note.md', text: '# A note\n\nNothing has changed.' }
  const step = (id: string, ...needs: string[]) => ({ id, agent, input, ...(needs.length > 0 && { needs }) })
  return {
    type: 'plan',
    labels: { load: 'task' },
    plan: { steps: [step('a'), step('b', 'a'), step('c', 'b')] },
  }
}
