import type { TaskSummary } from './task.ts'

/**
 * Whether a text stands in what a list shows of a task: its id, type, status, labels (`name:value`), and the code and message of its error. Upper and lower
 * case are the same. Pure, without zod: the console asks the same of what comes live.
 */
export function hasTaskText(
  { id, type, status, error, labels }: Pick<TaskSummary, 'id' | 'type' | 'status' | 'error' | 'labels'>,
  text: string,
): boolean {
  const wanted = text.trim().toLowerCase()
  const has = (part: string) => part.toLowerCase().includes(wanted)
  if (has(id) || has(type) || has(status)) return true
  if (error && (has(error.code) || has(error.message))) return true
  return Object.entries(labels ?? {}).some(
    ([name, value]) => has(`${name}:${value}`) || has(`${name}: ${value}`),
  )
}
