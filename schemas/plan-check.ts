import { z } from 'zod'
import { planSchema } from './plan.ts'
import { type Submission, submissionSchema } from './submission.ts'

/** `murmur.plans.check`: what would a submission do? It is checked as if it were submitted, and nothing is run. */
export const checkPlanRequestSchema = submissionSchema
export type CheckPlanRequest = Submission

export const checkPlanResponseSchema = z.object({
  type: z.string(),
  /** The steps that it would have, whatever type of task it is. */
  plan: planSchema,
  /** Ids of steps that can run at the same time, first the first. */
  stages: z.array(z.array(z.string())),
  /** Milliseconds from acceptance to the latest end. */
  deadlineMs: z.int(),
  /** What in it will hardly work as it is meant: limits that contradict each other. Sentences for people. */
  warnings: z.array(z.string()).default([]),
})
export type CheckPlanResponse = z.infer<typeof checkPlanResponseSchema>
