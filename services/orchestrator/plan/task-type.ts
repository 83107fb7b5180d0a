import type { z } from 'zod'
import type { Plan } from '#schemas/plan.ts'

/** A type of task that clients name: what input it takes and which plan that makes. */
export interface TaskTypeSpec<Input = never> {
  name: string
  input: z.ZodType<Input>
  /** Pure: the same input gives the same plan. */
  plan(input: Input): Plan
  /** How long a task may take when the client does not say. Milliseconds. DEFAULTS.taskDeadlineMs unless given. */
  deadlineMs?(input: Input): number
}
