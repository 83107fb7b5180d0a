import type { Usage } from '#schemas/object-usage.ts'
import type { Paint } from '../output/paint.ts'
import { formatBytes } from '../output/quantities.ts'

/** From this share on, somebody should know. */
const NEARLY_FULL = 0.9

/** What a tenant uses of what is limited, on one line. Pure. */
export function usageLine({ tasks, cameras, objectBytes }: Usage, paint: Paint): string {
  const parts = [
    countText('tasks', tasks, String, paint),
    // Most tenants have none.
    ...(cameras?.used ? [countText('cameras', cameras, String, paint)] : []),
    countText('objects', objectBytes, formatBytes, paint),
  ]
  return `this tenant uses  ${parts.join('  ')}`
}

function countText(
  what: string,
  { used, limit }: Usage['tasks'],
  format: (value: number) => string,
  paint: Paint,
): string {
  if (limit === 0) return `${what} ${paint.bold(format(used))}`
  const text = `${format(used)} of ${format(limit)}`
  return `${what} ${used >= NEARLY_FULL * limit ? paint.red(text) : paint.bold(text)}`
}
