// Plain values, for those who show them: a browser need not load what checks messages.

/** Most urgent first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof SEVERITIES)[number]
