import type { StartStepsRequest, StartVerdict } from '#schemas/step-message.ts'
import { isTerminal, type StepState, type TaskState } from '#schemas/task.ts'
import type { Life, LifeName } from './lives.ts'

/** An attempt that an instance asks about, with who asks and when by the broker's clock. */
export interface StartQuestion {
  step: StartStepsRequest['steps'][number]
  asker: Pick<StartStepsRequest, 'instance' | 'bornAtMs'>
  nowMs: number
  lifeOf: (name: Omit<LifeName, 'type'>) => Life
}

/** What is answered, and what is written into the log before. */
export interface StartJudgement {
  verdict: StartVerdict
  /** `started`: it runs. `crashed`: the process that ran it died under it. */
  record?: 'started' | 'crashed'
}

/**
 * Whether an attempt may be run. It may, unless it is certain that nobody wants its result any more, or that it has taken down
 * the process that ran it, alone: then it is told, and the attempt is over. Pure.
 * @returns 'ask-again' when that process may have died but can't be known to yet
 */
export function judgeStart(
  state: TaskState | undefined,
  { step, asker, nowMs, lifeOf }: StartQuestion,
): StartJudgement | 'ask-again' {
  if (!state) return drop('unknown-task')
  if (isTerminal(state.status) || nowMs > state.deadlineAtMs) return drop('task-finished')
  const current = state.steps[step.stepId]
  if (!current) return drop('superseded')
  // The store may be behind the log after a loss: an attempt that it does not know yet was dispatched all the same.
  if (step.attempt > current.attempt) return RUN
  if (step.attempt < current.attempt || current.status !== 'dispatched') return drop('superseded')
  if (step.running) {
    const isKnown = isRunBy(current, asker) && current.run?.alone === step.alone
    return isKnown ? { verdict: { verdict: 'run' } } : RUN
  }
  if (current.expiresAtMs !== undefined && nowMs > current.expiresAtMs) return drop('expired')
  const { run } = current
  // Beside others it may have been their fault; one that is asked about by whoever has it has not died.
  if (!run?.alone || isRunBy(current, asker)) return RUN
  const life = lifeOf(run)
  if (life === 'unsure') return 'ask-again'
  return life === 'dead' ? { ...drop('crashed'), record: 'crashed' } : RUN
}

const RUN: StartJudgement = { verdict: { verdict: 'run' }, record: 'started' }

function drop(reason: NonNullable<StartVerdict['reason']>): StartJudgement {
  return { verdict: { verdict: 'drop', reason } }
}

function isRunBy({ run }: StepState, asker: StartQuestion['asker']): boolean {
  return run?.instance === asker.instance && run.bornAtMs === asker.bornAtMs
}
