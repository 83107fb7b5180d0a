import type { OpenApprovalView } from '#schemas/task-controls.ts'

/** As many as a question can be handed on to at once. */
const MAX_NAMES = 20
const MAX_NAME = 100

/** Persons and groups with commas between them, each once. Pure. */
export function readNames(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim().slice(0, MAX_NAME))
    .filter((name) => name !== '')
  return [...new Set(names)].slice(0, MAX_NAMES)
}

/** Whom the plan and those who handed it on name, but for whom it is now. Pure. */
export function knownAssignees({ approval, assignees, handedOn = [] }: OpenApprovalView): string[] {
  const named = [
    ...(approval.assignees ?? []),
    ...(approval.escalation ?? []).flatMap((step) => step.assignees),
    ...handedOn.flatMap(({ to, by }) => [...to, by]),
  ]
  return [...new Set(named)].filter((name) => !assignees.includes(name))
}
