import { z } from 'zod'

export const correlationSchema = z.object({
  document: z.string(),
  table: z.string(),
  a: z.string(),
  b: z.string(),
  n: z.int(),
  pearson: z.number(),
  spearman: z.number(),
  /** Two-sided and uncorrected, of Spearman's coefficient; in a series, of the innovations. */
  pValue: z.number(),
  /** Rows of both columns for a scatter chart, at most 300, drawn evenly; only of pairs that an insight names. */
  points: z.array(z.tuple([z.number(), z.number()])).optional(),
})
export type Correlation = z.infer<typeof correlationSchema>

/** A measure whose level differs between the groups of a category. */
export const differenceSchema = z.object({
  document: z.string(),
  table: z.string(),
  category: z.string(),
  measure: z.string(),
  method: z.string(),
  pValue: z.number(),
  /** Share of the variance of the ranks between groups, 0 to 1. */
  etaSquared: z.number(),
  /** By median, highest first. */
  groups: z.array(
    z.object({
      name: z.string(),
      count: z.int(),
      median: z.number(),
      mean: z.number().optional(),
      /** Quartiles, for a chart; only of differences that an insight names. */
      q1: z.number().optional(),
      q3: z.number().optional(),
    }),
  ),
})
export type Difference = z.infer<typeof differenceSchema>

/** Two categories that go together. */
export const associationSchema = z.object({
  document: z.string(),
  table: z.string(),
  /** What is explained, where one of the two is an outcome: `churn` by `plan`. */
  outcome: z.string(),
  by: z.string(),
  /** Whether the outcome is one by its name: something that happens, such as `churn`. Else the two are only associated. */
  happens: z.boolean().optional(),
  method: z.string(),
  pValue: z.number(),
  /** Cramér's V, corrected for bias: 0 to 1. */
  cramersV: z.number(),
  /** Shares of the outcome's telling value in each group, highest first. */
  outcomeValue: z.string(),
  groups: z.array(z.object({ name: z.string(), count: z.int(), share: z.number() })),
})
export type Association = z.infer<typeof associationSchema>

/** A rule that rows should keep, such as low ≤ high or parts = total, and the rows that break it. */
export const constraintSchema = z.object({
  document: z.string(),
  table: z.string(),
  /** In symbols: `low ≤ high`, `a + b = total`. */
  rule: z.string(),
  columns: z.array(z.string()),
  /** Rows that can be checked, and those that break it: how many, and the first 20 (1-based). */
  checked: z.int(),
  violations: z.int(),
  rows: z.array(z.int()),
})
export type Constraint = z.infer<typeof constraintSchema>
