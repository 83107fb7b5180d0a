import type { TaskView } from '../task-view/task-view.ts'

/** What a monitor waits for before and after there is anything to see; undefined while it watches. Pure. */
export function taskNote({ task, progress }: TaskView): string | undefined {
  for (const step of task.plan.steps) {
    const state = task.steps[step.id]
    if (state?.status === 'backoff') {
      const { error, attempt } = state
      const why = error ? `: ${error.code}: ${error.message}` : ''
      return `attempt ${attempt} of ${step.id} failed, it is tried again${why}`
    }
    if (state?.status !== 'dispatched') continue
    if (step.id === 'summary') return 'summing up'
    // Captures tell how they are every second; from one that does not, nobody has taken the work yet.
    if (step.id === 'capture' && progress[step.id]?.attempt !== state.attempt)
      return `waiting for a free ${step.agent} agent`
  }
  return undefined
}
