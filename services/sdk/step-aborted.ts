const MESSAGES = {
  timeout: 'the attempt took too long',
  'task-ended': 'the task has ended',
  dropped: 'the attempt is over: another has taken its place, or its task has ended',
  'instance-stops': 'the instance stops',
} as const

/** `instance-stops`: the same attempt goes on elsewhere. After all others it is over. */
export type AbortReason = keyof typeof MESSAGES

/** The reason of a step's signal once it is aborted: `ctx.signal.reason`. */
export class StepAborted extends Error {
  override readonly name = 'StepAborted'
  readonly reason: AbortReason

  constructor(reason: AbortReason) {
    super(MESSAGES[reason])
    this.reason = reason
  }
}

/** Whether a step's signal was aborted because its instance stops, so that the attempt goes on elsewhere. */
export function isInstanceStop({ reason }: AbortSignal): boolean {
  return reason instanceof StepAborted && reason.reason === 'instance-stops'
}
