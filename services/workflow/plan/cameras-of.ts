import type { TaskAccepted } from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import { kindOfAgent } from '#schemas/site.ts'
import { DEFAULT_CONCURRENCY } from '../decide/for-each.ts'

/** The agent that opens cameras, here or on a site, and the type of task whose plan has one step of it. */
const CAMERA_AGENT = 'capture'
const CAMERA_TASK_TYPE = 'monitor'

type Holder = Pick<TaskAccepted, 'parent'> & { plan: { steps: readonly Step[] } }

/**
 * How many cameras a task may hold at the same time, with its child tasks: one for each step of `capture`, and for each item of a list that
 * runs at the same time. More than it does hold where such steps run one after the other. Those of a child are counted with the task
 * at the top, so a child has none itself. The plan has been checked. Pure.
 */
export function camerasOf({ plan, parent }: Holder): number {
  // At every event of every task: nearly all have none.
  if (parent || !plan.steps.some((step) => step.task || isCamera(step))) return 0
  let cameras = 0
  const open: { steps: readonly Step[]; times: number }[] = [{ steps: plan.steps, times: 1 }]
  for (let next = open.pop(); next; next = open.pop()) {
    for (const step of next.steps) {
      const times = next.times * (step.forEach ? (step.forEach.concurrency ?? DEFAULT_CONCURRENCY) : 1)
      if (step.task?.type === CAMERA_TASK_TYPE || isCamera(step)) cameras += times
      const steps = step.task?.plan?.steps
      // What is below a step was checked as a plan when the task was submitted.
      if (Array.isArray(steps)) open.push({ steps: steps as unknown as Step[], times })
    }
  }
  return Math.min(cameras, Number.MAX_SAFE_INTEGER)
}

function isCamera({ agent, fallback, compensate }: Step): boolean {
  return opensCamera(agent) || opensCamera(fallback?.agent) || opensCamera(compensate?.agent)
}

function opensCamera(agent: string | undefined): boolean {
  return agent?.startsWith(CAMERA_AGENT) === true && kindOfAgent(agent) === CAMERA_AGENT
}
