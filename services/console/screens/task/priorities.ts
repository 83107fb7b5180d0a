/** Names of priorities, by their number; as `PRIORITY_NAMES` of the schemas, without what those bring with them. */
export const PRIORITY_NAMES = ['critical', 'high', 'normal', 'low'] as const
