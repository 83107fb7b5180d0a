import { z } from 'zod'

const attemptsSchema = z.strictObject({
  maxAttempts: z.int().min(1).max(100).optional(),
  initialDelayMs: z.int().min(0).max(3_600_000).optional(),
  maxDelayMs: z.int().min(0).max(86_400_000).optional(),
  factor: z.number().min(1).max(10).optional(),
})

/** Codes that one policy speaks of, at most. */
export const MAX_RETRY_CODES = 16

/**
 * When and how often a step is tried again. Delay before attempt n+1: initialDelayMs · factor^(n-1), at most maxDelayMs, ± 20 %.
 * `byCode`: what is different after an attempt that ended with this error code; `maxAttempts: 1` tries never again.
 */
export const retryPolicySchema = attemptsSchema.extend({
  byCode: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/, 'an error code is of A-Z, 0-9 and _'), attemptsSchema)
    .refine((codes) => Object.keys(codes).length <= MAX_RETRY_CODES, `has more than ${MAX_RETRY_CODES} codes`)
    .optional(),
})
export type RetryPolicy = z.infer<typeof retryPolicySchema>
