import type { NavRow } from './screens.ts'

/** Counts that stand beside entries of the navigation; 0 shows none. A screen that has one adds its query here. */
export function useBadges(): Readonly<Partial<Record<NonNullable<NavRow['badge']>, number>>> {
  return {}
}
