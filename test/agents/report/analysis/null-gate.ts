import { makeReport } from '../cases/make-report.ts'
import type { NullKind } from './null-tables.ts'

const MODERATE = 0.5
const STRONG = 0.8
/** What is counted and not tested. */
const COUNTED: readonly string[] = ['quality', 'structure', 'category']

/** What reports of one kind claim. */
export interface NullClaims {
  name: string
  reports: number
  /** Reports with a finding that is more than weak. */
  claiming: number
  strong: number
  /** The surest claims, for whoever looks at why. */
  examples: string[]
}

/** Whole reports (read, analysed, built) of tables without anything in them. */
export async function nullClaims(kind: NullKind, seeds: readonly number[]): Promise<NullClaims> {
  const claims: NullClaims = { name: kind.name, reports: seeds.length, claiming: 0, strong: 0, examples: [] }
  for (const seed of seeds) {
    const { analysis } = await makeReport({ name: 'd.csv', text: kind.table(seed) })
    const found = analysis.insights.filter(
      (insight) =>
        insight.strength >= MODERATE &&
        !COUNTED.includes(insight.kind) &&
        !kind.allowed.includes(insight.kind),
    )
    if (found.length === 0) continue
    claims.claiming += 1
    if (found[0]!.strength >= STRONG) claims.strong += 1
    claims.examples.push(`seed ${seed}: ${found[0]!.statement}`)
  }
  return claims
}

const STANDARD_ERRORS = 3

/** So many of n reports claim something where a share of them does, at most: three standard errors above it. */
export function atMost(share: number, reports: number): number {
  return share * reports + STANDARD_ERRORS * Math.sqrt(share * (1 - share) * reports)
}

export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i)
}
