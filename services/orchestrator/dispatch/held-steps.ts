/** Whose task it is, as types of tasks are paused by. */
export interface TypedStep {
  taskType: string
  /** The version of a template that its plan came from: `count-notes@2`. */
  template?: string | undefined
}

/** The paused name that holds a step: that of its type or of its template. Pure. */
export function pausedNameOf(
  { taskType, template }: TypedStep,
  paused: ReadonlySet<string>,
): string | undefined {
  if (paused.size === 0) return undefined
  if (paused.has(taskType)) return taskType
  const name = template?.split('@', 1)[0]
  return name !== undefined && paused.has(name) ? name : undefined
}
